-- No entry of the catalogue is an info banner, the only kind that a person could put away.
drop table dismissal;
