"""Imports own files of order history as they were read: staged rows, the documents they make, what a cancellation
takes from which row, and how far the booking of a file has come. They know no orders, products or promoters: a flow
carries what is staged here to the modules that book it.
"""
