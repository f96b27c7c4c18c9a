"""The API's vocabulary: types, queries, mutations, guards. May import all packages but `jobs`."""
