"""Write the golden letters anew."""

from tests.letters.golden import write

write()
