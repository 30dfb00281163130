-- Counts again what the database counts, over all organisations, and finds whatever contradicts itself: a line for each
-- mistake, `what | where: how much`, 20 of a kind at most. Nothing where all is right. Needs a role that sees every
-- organisation, such as the superuser; changes nothing, and runs on a server that is still recovering.
\set ON_ERROR_STOP on

-- Sold and held rooms of a night against the reservations that stand: by their dates, and by their nightly prices. From both
-- sides, so that a stay on a night that has no inventory at all is found too.
with standing as (
  select org_id, property_id, reservation_id, room_type, arrival, departure
  from reservation
  where status in ('hold', 'confirmed', 'inHouse', 'checkedOut')
), by_dates as (
  select s.org_id, s.property_id, s.room_type, s.arrival + i as night, count(*) as rooms
  from standing s, generate_series(0, s.departure - s.arrival - 1) i
  group by s.org_id, s.property_id, s.room_type, s.arrival + i
), by_prices as (
  select s.org_id, s.property_id, s.room_type, n.night, count(*) as rooms
  from standing s
  join reservation_night n using (org_id, reservation_id)
  group by s.org_id, s.property_id, s.room_type, n.night
), counted as (
  select org_id, property_id, room_type, night, coalesce(n.sold + n.held, 0) as counter,
    coalesce(d.rooms, 0) as by_dates, coalesce(p.rooms, 0) as by_prices
  from room_type_night n
  full join by_dates d using (org_id, property_id, room_type, night)
  full join by_prices p using (org_id, property_id, room_type, night)
)
select format('drift | %s %s %s: counter %s, reservations %s, their nights %s',
  p.code, c.room_type, c.night, c.counter, c.by_dates, c.by_prices)
from counted c
join property p using (org_id, property_id)
where c.counter <> c.by_dates or c.by_dates <> c.by_prices
order by p.code, c.room_type, c.night
limit 20;

-- The constraint says so too; a damaged page does not ask it.
select format('oversold | %s %s %s: %s of %s', p.code, n.room_type, n.night, n.sold + n.held + n.blocked,
  n.physical - n.out_of_order + n.overbook_limit)
from room_type_night n
join property p using (org_id, property_id)
where n.sold + n.held + n.blocked > n.physical - n.out_of_order + n.overbook_limit
order by p.code, n.room_type, n.night
limit 20;

-- A reservation and what was written in its transaction: each of its nights, and who booked it.
select format('nights | %s: %s nights of %s', r.reference, count(n.night), r.departure - r.arrival)
from reservation r
left join reservation_night n using (org_id, reservation_id)
group by r.org_id, r.reservation_id
having count(n.night) <> r.departure - r.arrival
  or min(n.night) <> r.arrival or max(n.night) <> r.departure - 1
order by r.reference
limit 20;

select format('audit | %s: nobody booked it', r.reference)
from reservation r
where not exists (
  select from audit a where a.org_id = r.org_id and a.subject = r.reference and a.action = 'reservation.booked')
order by r.reference
limit 20;

select format('audit | %s: booked, and not there', a.subject)
from audit a
where a.action = 'reservation.booked'
  and not exists (select from reservation r where r.org_id = a.org_id and r.reference = a.subject)
order by a.subject
limit 20;

-- What a guest was answered with stands.
select format('receipt | %s: acknowledged, and not there', a.answer ->> 'reference')
from receipt a
where a.answer ->> 'reference' is not null
  and not exists (select from reservation r where r.org_id = a.org_id and r.reference = a.answer ->> 'reference')
order by a.answer ->> 'reference'
limit 20;

-- Whoever sees a version sees everything up to it, so there is no change from beyond it, and no version twice.
select format('version | %s: changes up to %s, the property is at %s', p.code, max(o.ari_version), p.ari_version)
from property p
join outbox o using (org_id, property_id)
group by p.org_id, p.property_id
having max(o.ari_version) > p.ari_version
  or count(o.ari_version) <> count(distinct o.ari_version)
order by p.code
limit 20;

-- A room given to two stays at once. Rooms are not assigned in every installation.
select to_regclass('public.room_assignment') is not null as assigns_rooms
\gset
\if :assigns_rooms
select format('room | %s: %s overlaps %s', a.room_number, a.stay, b.stay)
from room_assignment a
join room_assignment b on b.org_id = a.org_id and b.property_id = a.property_id and b.room_number = a.room_number
  and b.stay && a.stay and b.ctid > a.ctid
where a.active and b.active
order by a.room_number
limit 20;
\endif
