package main

import (
	"context"
	"errors"

	"github.com/graph-gophers/graphql-go"
	"github.com/jackc/pgx/v4"
	"github.com/jackc/pgx/v4/pgxpool"
)

const (
	oneOrder  = `select ` + columns + ` from service_order where merchant_id = $1 and id = $2`
	queue     = ` from service_order where merchant_id = $1 and status = $2`
	after     = ` and (applied_at, id) < ($4, $5)`
	latest    = ` order by applied_at desc, id desc limit $3`
	approving = `update service_order set status = 'AWAITING_SHIPMENT', version = version + 1,
		last_action = 'APPROVE', decision = 'APPROVE', decided_by_kind = 'EMPLOYEE',
		decided_by_id = $3, decided_by = '客服', decided_at = now(), clock_started_at = now(),
		clock_due_at = now() + interval '7 days', updated_at = now()
		where merchant_id = $1 and id = $2 and status = 'PENDING_REVIEW' returning ` + columns
	approved = `insert into service_order_event (merchant_id, service_order_id, sequence, kind, at,
		actor_kind, actor_id, actor_name, from_status, to_status) values ($1, $2, $3, 'APPROVED',
		now(), 'EMPLOYEE', $4, '客服', 'PENDING_REVIEW', 'AWAITING_SHIPMENT')`
)

// desk is the root resolver.
type desk struct{ pool *pgxpool.Pool }

func (d *desk) ServiceOrder(
	ctx context.Context, args struct{ ID graphql.ID },
) (*order, error) {
	number, err := numberOf(args.ID)
	if err != nil {
		return nil, err
	}
	row := d.pool.QueryRow(ctx, oneOrder, viewerOf(ctx).merchant, number)
	found, err := scanned(row, false)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return d.alone(found), nil
}

// alone makes an order the only one of a page, for what is shown below it.
func (d *desk) alone(found *order) *order {
	found.page = &page{pool: d.pool, merchant: found.merchantID, orders: []*order{found}}
	return found
}

type pageArguments struct {
	Filter struct{ Status []string }
	First  int32
	After  *string
}

func (d *desk) ServiceOrders(ctx context.Context, args pageArguments) (*connection, error) {
	who := viewerOf(ctx)
	text, values := `select `+columns, []interface{}{who.merchant, args.Filter.Status[0], args.First + 1}
	if who.asksForPictures {
		text += `, pictures`
	}
	text += queue
	if args.After != nil {
		at, number, err := placeOf(*args.After)
		if err != nil {
			return nil, err
		}
		text, values = text+after, append(values, at, number)
	}
	rows, err := d.pool.Query(ctx, text+latest, values...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := make([]*order, 0, args.First+1)
	for rows.Next() {
		one, err := scanned(rows, who.asksForPictures)
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return d.paged(who.merchant, found, int(args.First)), nil
}

func (d *desk) paged(merchant int64, found []*order, first int) *connection {
	info := pageInfo{HasNextPage: len(found) > first}
	if info.HasNextPage {
		found = found[:first]
	}
	if len(found) > 0 {
		end := cursorOf(found[len(found)-1])
		info.EndCursor = &end
	}
	shared := &page{pool: d.pool, merchant: merchant, orders: found}
	for _, one := range found {
		one.page = shared
	}
	return &connection{found, info}
}

type reviewArguments struct {
	Input struct {
		ID       graphql.ID
		Decision struct {
			Approve struct{ CustomerNote *string }
		}
	}
}

func (d *desk) ReviewServiceOrder(ctx context.Context, args reviewArguments) (*payload, error) {
	number, err := numberOf(args.Input.ID)
	if err != nil {
		return nil, err
	}
	who := viewerOf(ctx)
	transaction, err := d.pool.Begin(ctx)
	if err != nil {
		return nil, err
	}
	// After a commit this does nothing.
	defer func() { _ = transaction.Rollback(ctx) }()
	found, err := scanned(
		transaction.QueryRow(ctx, approving, who.merchant, number, who.employee), false,
	)
	if errors.Is(err, pgx.ErrNoRows) {
		return &payload{nil, []refusal{{"ALREADY_DECIDED"}}}, nil
	}
	if err != nil {
		return nil, err
	}
	values := []interface{}{who.merchant, number, found.Version, who.employee}
	if _, err := transaction.Exec(ctx, approved, values...); err != nil {
		return nil, err
	}
	if err := transaction.Commit(ctx); err != nil {
		return nil, err
	}
	return &payload{d.alone(found), []refusal{}}, nil
}
