"""How promoters come into the network and leave it: recruiting links, the operator's form, applications, who a merchant
recruited, deposits, and who is shut out. It knows no orders and no commission: nobody earns by what happens here.
"""
