-- The app drops days one by one, each with a lock_timeout; this dropped all of them in one
-- transaction, and made traffic wait.
drop function drop_day_partitions(text, date);
