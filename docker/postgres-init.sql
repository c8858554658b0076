\set owner_password `cat /secrets/owner`
\set auth_password `cat /secrets/auth`

-- The owner changes the schema and is used by migrations alone; the service reads and writes rows.
create role latchkey_owner login password :'owner_password';
create role latchkey_auth login password :'auth_password';

revoke all on database :"DBNAME" from public;
-- To create in the database is what a migration needs for an extension that PostgreSQL trusts.
grant connect, create, temporary on database :"DBNAME" to latchkey_owner;
grant connect on database :"DBNAME" to latchkey_auth;

revoke all on schema public from public;
alter schema public owner to latchkey_owner;
grant usage on schema public to latchkey_auth;

alter default privileges for role latchkey_owner in schema public
  grant select, insert, update, delete on tables to latchkey_auth;
alter default privileges for role latchkey_owner in schema public
  grant usage, select on sequences to latchkey_auth;
