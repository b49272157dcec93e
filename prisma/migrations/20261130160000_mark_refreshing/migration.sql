-- Who exchanges a refresh token marks the row instead of holding a lock while Pinterest answers.
alter table connection add column refreshing_until timestamptz;
