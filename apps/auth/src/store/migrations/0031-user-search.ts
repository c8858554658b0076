import { type Kysely, sql } from 'kysely'

/**
 * What users are searched by: names and identifiers, each on a line of its own and begun by a line feed, in lower case.
 * The database itself keeps it up, so that no change of a user, and no erasure, can forget it. `pg_trgm` comes with
 * PostgreSQL and may be created by whoever may create in the database.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create extension if not exists pg_trgm`.execute(db)
  await sql`
    create table user_search (
      number integer primary key references users (number) on delete cascade,
      text text not null
    )`.execute(db)
  await createFunctions(db)
  await sql`insert into user_search select number, user_search_text(users) from users`.execute(db)
  await sql`create index user_search_text on user_search using gin (text gin_trgm_ops)`.execute(db)
  await sql`
    create trigger user_search after insert or update of first_name, last_name on users
    for each row execute function user_search_put()`.execute(db)
  await sql`
    create trigger user_search after insert or update or delete on user_identifiers
    for each row execute function user_search_put_owner()`.execute(db)
}

async function createFunctions(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function user_search_text(person users) returns text language sql stable as $$
      select lower(string_agg(e'\n' || line, '')) from (
        select concat_ws(' ', person.first_name, person.last_name) as line
        union select canonical from user_identifiers where user_id = person.id
        union select entered from user_identifiers where user_id = person.id
      ) as lines
    $$`.execute(db)
  await sql`
    create function user_search_put() returns trigger language plpgsql as $$ begin
      insert into user_search values (new.number, user_search_text(new))
      on conflict (number) do update set text = excluded.text;
      return null;
    end $$`.execute(db)
  // An identifier is claimed before its user is inserted: that insertion finds it.
  await sql`
    create function user_search_put_owner() returns trigger language plpgsql as $$ begin
      update user_search set text = user_search_text(person) from users as person
      where person.id = coalesce(new.user_id, old.user_id) and user_search.number = person.number;
      return null;
    end $$`.execute(db)
}
