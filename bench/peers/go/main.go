// Go: graph-gophers/graphql-go on net/http, pgx and its pool, what a page shows below its orders
// loaded once for all of them.
package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/graph-gophers/graphql-go"
	"github.com/jackc/pgx/v4/pgxpool"
)

const poolOfWorker = 10

// More resolvers at a time than a page has orders: the first one loads for all that wait with it.
const parallel = 64

type viewer struct {
	merchant, employee int64
	// A page without pictures does not fetch them; the library shows no selection to a resolver.
	asksForPictures bool
}

type viewerKey struct{}

func viewerOf(ctx context.Context) viewer { return ctx.Value(viewerKey{}).(viewer) }

type request struct {
	Query         string                 `json:"query"`
	OperationName string                 `json:"operationName"`
	Variables     map[string]interface{} `json:"variables"`
}

func answer(schema *graphql.Schema, w http.ResponseWriter, r *http.Request) {
	var asked request
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	// The merchant and the employee come in headers, unchecked.
	merchant, _ := strconv.ParseInt(r.Header.Get("X-Merchant"), 10, 64)
	employee, _ := strconv.ParseInt(r.Header.Get("X-Employee"), 10, 64)
	who := viewer{merchant, employee, strings.Contains(asked.Query, "pictures")}
	ctx := context.WithValue(r.Context(), viewerKey{}, who)
	found := schema.Exec(ctx, asked.Query, asked.OperationName, asked.Variables)
	w.Header().Set("Content-Type", "application/json")
	if len(found.Errors) > 0 {
		_ = json.NewEncoder(w).Encode(found)
		return
	}
	// The data is JSON already: the encoder would read all of it again.
	w.Header().Set("Content-Length", strconv.Itoa(len(found.Data)+len(`{"data":}`)))
	_, _ = w.Write([]byte(`{"data":`))
	_, _ = w.Write(found.Data)
	_, _ = w.Write([]byte{'}'})
}

func main() {
	text, err := os.ReadFile(os.Getenv("SCHEMA"))
	if err != nil {
		log.Fatal(err)
	}
	// Connects by PGHOST, PGPORT, PGUSER and PGDATABASE; prepares each statement once.
	config, err := pgxpool.ParseConfig("")
	if err != nil {
		log.Fatal(err)
	}
	workers, err := strconv.Atoi(os.Getenv("WORKERS"))
	if err != nil {
		log.Fatal(err)
	}
	// One process uses all of its cores: it has the connections of all workers.
	config.MaxConns = int32(workers * poolOfWorker)
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	pool, err := pgxpool.ConnectConfig(context.Background(), config)
	if err != nil {
		log.Fatal(err)
	}
	options := []graphql.SchemaOpt{graphql.UseFieldResolvers(), graphql.MaxParallelism(parallel)}
	schema := graphql.MustParseSchema(string(text), &desk{pool}, options...)
	http.HandleFunc("/graphql", func(w http.ResponseWriter, r *http.Request) { answer(schema, w, r) })
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
