package main

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v4"
	"github.com/jackc/pgx/v4/pgxpool"
)

const (
	merchantsOf = `select id, name from merchant where id = any($1::bigint[])`
	assigneesOf = `select id, name from employee
		where merchant_id = $1 and id = any($2::bigint[])`
	timelinesOf = `select service_order_id, sequence, kind, at, from_status, to_status, actor_kind,
		actor_name from service_order_event
		where merchant_id = $1 and service_order_id = any($2::bigint[])
		order by service_order_id, sequence`
)

// page loads what is shown below its orders, each kind once for all of them: like a data loader,
// but the keys are known from the beginning, so that nothing has to wait for more of them.
type page struct {
	pool     *pgxpool.Pool
	merchant int64
	orders   []*order

	merchants, assignees people
	timelines            timelines
}

type people struct {
	once  sync.Once
	found map[int64]*named
	err   error
}

type timelines struct {
	once  sync.Once
	found map[int64][]*event
	err   error
}

func (o *order) Merchant(ctx context.Context) (*named, error) {
	loaded := &o.page.merchants
	loaded.once.Do(func() {
		keys := o.page.keys(func(one *order) int64 { return one.merchantID })
		rows, err := o.page.pool.Query(ctx, merchantsOf, keys)
		loaded.found, loaded.err = peopleIn(rows, err, "Merchant")
	})
	return loaded.found[o.merchantID], loaded.err
}

func (o *order) Assignee(ctx context.Context) (*named, error) {
	if o.assigneeID == 0 {
		return nil, nil
	}
	loaded := &o.page.assignees
	loaded.once.Do(func() {
		keys := o.page.keys(func(one *order) int64 { return one.assigneeID })
		rows, err := o.page.pool.Query(ctx, assigneesOf, o.page.merchant, keys)
		loaded.found, loaded.err = peopleIn(rows, err, "Employee", o.page.merchant)
	})
	return loaded.found[o.assigneeID], loaded.err
}

func (o *order) Timeline(ctx context.Context) ([]*event, error) {
	loaded := &o.page.timelines
	loaded.once.Do(func() {
		keys := o.page.keys(func(one *order) int64 { return one.number })
		rows, err := o.page.pool.Query(ctx, timelinesOf, o.page.merchant, keys)
		loaded.found, loaded.err = timelinesIn(rows, err)
	})
	return loaded.found[o.number], loaded.err
}

// keys are those of the orders, each once; 0 is none.
func (p *page) keys(keyOf func(*order) int64) []int64 {
	seen, keys := map[int64]bool{0: true}, []int64{}
	for _, one := range p.orders {
		if key := keyOf(one); !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	}
	return keys
}

func peopleIn(rows pgx.Rows, err error, kind string, owner ...int64) (map[int64]*named, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[int64]*named{}
	for rows.Next() {
		var id int64
		one := &named{}
		if err := rows.Scan(&id, &one.Name); err != nil {
			return nil, err
		}
		one.ID = globalID(kind, append(owner, id)...)
		found[id] = one
	}
	return found, rows.Err()
}

func timelinesIn(rows pgx.Rows, err error) (map[int64][]*event, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[int64][]*event{}
	for rows.Next() {
		var number int64
		one := &event{}
		err := rows.Scan(
			&number, &one.Sequence, &one.Kind, &one.At.Time, &one.FromStatus, &one.ToStatus,
			&one.Actor.Kind, &one.Actor.Name,
		)
		if err != nil {
			return nil, err
		}
		found[number] = append(found[number], one)
	}
	return found, rows.Err()
}
