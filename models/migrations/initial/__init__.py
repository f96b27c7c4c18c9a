"""The tables of revision 0001, by subject. They never change: later revisions change the tables."""
