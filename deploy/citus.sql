-- Spreads Transom's tables over a Citus cluster by site. For psql, on the coordinator, in Transom's database, after
-- `transom migrate` and again after each new version; what is spread already stays as it is.
--   psql --set ON_ERROR_STOP=1 --file deploy/citus.sql postgresql://transom@coordinator/transom
-- docs/how-to/citus.md tells the rest.

create extension if not exists citus;

-- What is the same for all sites, on every machine.
select create_reference_table('migrations')
where not exists (select 1 from pg_dist_partition where logicalrelid = 'migrations'::regclass);

-- Everything else by its site; the same site of all tables on one machine. `sites` first: the others go with it.
select format(
    'select create_distributed_table(%L, %L, colocate_with => %L)',
    name, 'site', case name when 'sites' then 'none' else 'sites' end
)
from (values
    ('sites'),
    ('subjects'),
    ('aliases'),
    ('outbox'),
    ('people'),
    ('interactions'),
    ('choices'),
    ('tallies'),
    ('comments'),
    ('moderators'),
    ('sign_in_links'),
    ('admin_sessions'),
    ('changes'),
    ('change_clock')
) as every (name)
where not exists (select 1 from pg_dist_partition where logicalrelid = name::regclass)
\gexec

-- What came out: each table, how it is spread, over how many shards.
select table_name, citus_table_type, distribution_column, shard_count from citus_tables order by table_name;
