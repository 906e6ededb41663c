"""What the checks of this repository need beyond their tools. No part of the product."""
