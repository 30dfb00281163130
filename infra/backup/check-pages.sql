-- Reads every page of every table and index of this database and finds damage: a line for each, nothing where all is whole.
-- Reading a page checks its sum. Makes an extension, so it is for a restored server and not for the one in use.
\set ON_ERROR_STOP on
set client_min_messages = warning;
create extension if not exists amcheck;

select format('table | %s block %s item %s: %s', c.oid::regclass, damage.blkno, damage.offnum, damage.msg)
from pg_class c
cross join lateral verify_heapam(c.oid, check_toast => true) damage
where c.relkind in ('r', 't', 'm') and c.relpersistence = 'p'
limit 20;

-- An index that is damaged ends this with an error that names it. Heap tuples that an index lacks are found as well.
select count(bt_index_check(c.oid, true))
from pg_class c
join pg_am m on m.oid = c.relam and m.amname = 'btree'
join pg_index i on i.indexrelid = c.oid and i.indisvalid
where c.relkind = 'i' and c.relpersistence = 'p'
\g /dev/null
