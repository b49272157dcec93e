import type pg from "pg";

/** The app's user in the embedded database: it owns everything in it, and is no superuser. */
export const LOGIN = "pinrelay";

/** Objects that still belong to the superuser, in a folder that an older version made. */
const FOREIGN = `
  select format('alter schema %I owner to ${LOGIN}', nspname) as statement from pg_namespace
    where nspname !~ '^pg_' and nspname <> 'information_schema' and nspowner <> '${LOGIN}'::regrole
  union all
  select format('alter %s %s owner to ${LOGIN}', case relkind when 'S' then 'sequence' when 'v' then 'view' else 'table' end, c.oid::regclass)
    from pg_class c join pg_namespace n on n.oid = relnamespace
    where nspname !~ '^pg_' and nspname <> 'information_schema' and relowner <> '${LOGIN}'::regrole
      and relkind in ('r', 'p', 'S', 'v')
      -- A sequence of a column goes with its table.
      and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype in ('a', 'i') and relkind = 'S')
  union all
  select format('alter routine %s owner to ${LOGIN}', p.oid::regprocedure)
    from pg_proc p join pg_namespace n on n.oid = pronamespace
    where nspname !~ '^pg_' and nspname <> 'information_schema' and proowner <> '${LOGIN}'::regrole
  union all
  select format('alter type %s owner to ${LOGIN}', t.oid::regtype)
    from pg_type t join pg_namespace n on n.oid = typnamespace
    where nspname !~ '^pg_' and nspname <> 'information_schema' and typowner <> '${LOGIN}'::regrole
      and typtype in ('e', 'd')`;

/**
 * Makes the app's login and gives it all objects of the database. It runs as the superuser; several
 * processes may do it at once, and while others use the database.
 */
export async function makeLogin(superuser: pg.ClientBase): Promise<void> {
  await superuser.query(`do $$
    declare
      change record;
    begin
      perform pg_advisory_xact_lock(hashtext('pinrelay login'));
      if to_regrole('${LOGIN}') is null then create role ${LOGIN} login; end if;
      if to_regrole('pinrelay_reader') is null then create role pinrelay_reader nologin; end if;
      if not pg_has_role('${LOGIN}', 'pinrelay_reader', 'member') then grant pinrelay_reader to ${LOGIN}; end if;
      -- An operator's, before a copy of the folder is made.
      if not pg_has_role('${LOGIN}', 'pg_checkpoint', 'member') then grant pg_checkpoint to ${LOGIN}; end if;
      if (select datdba from pg_database where datname = current_database()) <> to_regrole('${LOGIN}') then
        execute format('alter database %I owner to ${LOGIN}', current_database());
      end if;
      for change in ${FOREIGN} loop execute change.statement; end loop;
    end $$`);
}
