package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/graph-gophers/graphql-go"
	"github.com/jackc/pgx/v4"
)

const columns = `merchant_id, id, version, status, order_number, expectation, logistics_in,
	description, auto_approval_blocked, applied_at, updated_at, finished_at, assignee_id`

type instant struct{ time.Time }

func (instant) ImplementsGraphQLType(name string) bool { return name == "DateTime" }

func (at *instant) UnmarshalGraphQL(interface{}) error {
	return fmt.Errorf("no argument is a DateTime")
}

// Without this method the one of time.Time would be used, which writes nanoseconds in its own way.
func (at instant) MarshalJSON() ([]byte, error) {
	return at.UTC().AppendFormat(make([]byte, 0, 40), `"2006-01-02T15:04:05.999999Z07:00"`), nil
}

type order struct {
	merchantID, number, assigneeID int64
	pictures                       []byte
	page                           *page

	Version             int32
	Status              string
	OrderNumber         string
	Expectation         string
	LogisticsIn         string
	Description         string
	AutoApprovalBlocked bool
	AppliedAt           instant
	UpdatedAt           instant
	FinishedAt          *instant
}

type named struct {
	ID   graphql.ID
	Name string
}

type evidence struct {
	ID        graphql.ID
	MediaType string
	Bytes     int32
	Width     int32
	Height    int32
}

type actor struct{ Kind, Name string }

type event struct {
	Sequence   int32
	Kind       string
	At         instant
	FromStatus *string
	ToStatus   string
	Actor      actor
}

type pageInfo struct {
	HasNextPage bool
	EndCursor   *string
}

type connection struct {
	Nodes    []*order
	PageInfo pageInfo
}

type refusal struct{ Code string }

type payload struct {
	ServiceOrder *order
	Refusals     []refusal
}

func globalID(kind string, keys ...int64) graphql.ID {
	said := kind
	for _, key := range keys {
		said += ":" + strconv.FormatInt(key, 10)
	}
	return encoded(said)
}

func encoded(said string) graphql.ID {
	return graphql.ID(base64.RawURLEncoding.EncodeToString([]byte(said)))
}

func numberOf(id graphql.ID) (int64, error) {
	said, err := base64.RawURLEncoding.DecodeString(string(id))
	if err != nil {
		return 0, err
	}
	parts := strings.Split(string(said), ":")
	if len(parts) != 3 {
		return 0, fmt.Errorf("no id of an order: %s", id)
	}
	return strconv.ParseInt(parts[2], 10, 64)
}

func cursorOf(last *order) string {
	said := last.AppliedAt.Format(time.RFC3339Nano) + "|" + strconv.FormatInt(last.number, 10)
	return base64.RawURLEncoding.EncodeToString([]byte(said))
}

func placeOf(cursor string) (at time.Time, number int64, err error) {
	said, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return at, 0, err
	}
	instant, rest, _ := strings.Cut(string(said), "|")
	if at, err = time.Parse(time.RFC3339Nano, instant); err != nil {
		return at, 0, err
	}
	number, err = strconv.ParseInt(rest, 10, 64)
	return at, number, err
}

// scanned reads the columns, and pictures too where the statement has them.
func scanned(row pgx.Row, withPictures bool) (*order, error) {
	found := &order{}
	var finished *time.Time
	var assignee *int64
	into := []interface{}{
		&found.merchantID, &found.number, &found.Version, &found.Status, &found.OrderNumber,
		&found.Expectation, &found.LogisticsIn, &found.Description, &found.AutoApprovalBlocked,
		&found.AppliedAt.Time, &found.UpdatedAt.Time, &finished, &assignee,
	}
	if withPictures {
		into = append(into, &found.pictures)
	}
	if err := row.Scan(into...); err != nil {
		return nil, err
	}
	if finished != nil {
		found.FinishedAt = &instant{*finished}
	}
	if assignee != nil {
		found.assigneeID = *assignee
	}
	return found, nil
}

func (o *order) ID() graphql.ID { return globalID("ServiceOrder", o.merchantID, o.number) }

func (o *order) Number() string { return strconv.FormatInt(o.number, 10) }

func (o *order) Pictures() ([]evidence, error) {
	var stored []struct {
		SHA256    string `json:"sha256"`
		MediaType string `json:"media_type"`
		Bytes     int32  `json:"bytes"`
		Width     int32  `json:"width"`
		Height    int32  `json:"height"`
	}
	if err := json.Unmarshal(o.pictures, &stored); err != nil {
		return nil, err
	}
	shown := make([]evidence, len(stored))
	for at, one := range stored {
		id := encoded("Evidence:" + strconv.FormatInt(o.merchantID, 10) + ":" + one.SHA256)
		shown[at] = evidence{id, one.MediaType, one.Bytes, one.Width, one.Height}
	}
	return shown, nil
}
