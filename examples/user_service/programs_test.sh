#!/usr/bin/env bash
# Users from a terminal: what is wrong is told field by field.
set -euo pipefail
source examples/client_program/programs.bash

# asks STATUS WANT COMMAND...: the client's exit status, and what it says.
asks() {
  expect_exit "$1" examples/user_service/client --server "$address" "${@:3}"
  expect "${*:3}" "$2" "$said"
}

address=unix-abstract:penstock-nobody-is-here
asks 1 "user_client: UNAVAILABLE: cannot connect to *: connection refused*" list
asks 64 "user_client: A subcommand is required*"
asks 64 "user_client: --email is required*" create --name Ada
asks 64 "user_client: --role: *" create --name Ada --email ada@example.org --role king
asks 64 "user_client: *ID*" get ada
asks 64 "user_client: unknown argument --nam, did you mean --name[?]*" update 1 --nam Ada
asks 0 "*--name-contains TEXT*" list --help

start_server examples/user_service/server --shards 2

asks 0 "1  Ada <ada@example.org>  member  etag 1" create --name Ada --email ada@example.org
asks 0 "2  Bob <bob@example.org>  admin  etag 2" \
  create --name Bob --email bob@example.org --role admin
asks 1 "user_client: INVALID_ARGUMENT: 2 fields are wrong
  user.name: must not be empty
  user.email: must be an address such as ada@example.org" create --name "" --email nowhere
asks 1 "user_client: ALREADY_EXISTS: another user has the address
  users.User 1: has the address Ada@example.org" create --name Eve --email Ada@example.org
asks 0 "1  Countess <ada@example.org>  admin  etag 3" update 1 --name Countess --role admin
asks 1 "user_client: ABORTED: somebody has changed the user meanwhile: read it again
  ETAG_MISMATCH of users.example: etag is 3" update 1 --name Ada --etag 1
asks 1 "user_client: INVALID_ARGUMENT: a field is wrong
  update_mask: must name what is to be changed: name, email, role" update 1
asks 0 "1  Countess <ada@example.org>  admin  etag 3" get 1
asks 0 "1  Countess <ada@example.org>  admin  etag 3
2  Bob <bob@example.org>  admin  etag 2" list
asks 0 "1  Countess <ada@example.org>  admin  etag 3
there are more: --page-token 1" list --page-size 1
asks 0 "2  Bob <bob@example.org>  admin  etag 2" list --page-token 1
asks 0 "" list --role member
asks 0 "" delete 1
asks 1 "user_client: NOT_FOUND: there is no user 1
  users.User 1: never created, or deleted" get 1
