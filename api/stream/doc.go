// Package stream shows keyed tables to pages while they change, takes their commands, and keeps the hubs of several nodes
// alike over Redis. This is the protocol's documentation; another client can be written from it.
//
// # Tables
//
// A topic is a table: JSON values by key. The server changes it with [Hub.Put] and [Hub.Delete]; a client reads it as one
// snapshot and then deltas. Only states are told, not events: several changes of a key between two deltas arrive as the
// last one. Topics of Dialtide:
//
//	agent:<user id>   key "screen": everything that the agent's page shows; key "messages": what was written to him; key "help": his
//	                  request for help, while it is open; sent at once
//	help              keys help/<request id>, chat/<agent id>: who wants help, and agents' threads; for supervisors
//	alerts            key <alert id>: what needs a supervisor (package api/alert)
//	board             keys agent/<user id>, call/<attempt id>, campaign/<id>, pacing/<campaign id>, trunk/<id>/<node>, and from package api/board
//	                  plan/<campaign id>, list/<campaign id>/<list id>, mark/<campaign id>; collected for 200 ms
//	imports           key <import id>; collected for 300 ms
//	registries        key <registry id>: the newest load of each
//
// # Connection
//
// A WebSocket at /api/stream, authenticated by the session's cookie before the upgrade (401 or 403 instead of 101
// otherwise), never by a token in the URL. The Origin header, if there is one, must name the server's own host or a
// configured one. All messages are JSON text frames; a client's message has at most 64 KiB. Unknown fields are to be
// ignored by both sides, and unknown message types by the client.
//
// # Client to server
//
//	{"type":"hello","topics":[{"topic":"board","epoch":"Q2...","seq":41}, {"topic":"agent:7f..."}]}
//
// asks for topics. epoch and seq say what the client has of a topic; without them it has nothing. A hello adds topics to
// those that the connection reads already, at most 32 in all. Nothing ends a topic but the end of the connection. A hello with
// "ping":true is answered by a pong, too, by which the client knows that it may ping: a server that is older than pings closes the
// connection of who sends one, and overlooks the question.
//
//	{"type":"command","id":"<uuid>","name":"dispose","data":{...}}
//
// asks for something to be done. The id is made by the client, once per command; it must repeat the command with the
// same id, name and data until it has an ack, over as many connections as it takes. What a command does and its error
// codes are documented where it is carried out (package agent for agents' commands).
//
//	{"type":"ping"}
//
// asks for a pong, by which a page, which cannot ping by itself, knows whether its connection lives.
//
// # Server to client
//
//	{"type":"snapshot","topic":"board","epoch":"Q2...","seq":41,"items":{"call/1":{...}}}
//
// is the whole table: forget what was known of the topic.
//
//	{"type":"delta","topic":"board","epoch":"Q2...","seq":45,"prev_seq":41,"set":{"call/2":{...}},"del":["call/1"]}
//
// leads from prev_seq to seq: put what is in set, remove what is in del. seq grows by the number of changes, so it
// skips. A removal of an unknown key and a value that is the same as before are possible and mean nothing.
//
//	{"type":"ack","id":"<uuid>","ok":true,"data":{...}}
//	{"type":"ack","id":"<uuid>","ok":false,"error":{"code":"call_over","message":"the call is over"}}
//
// answers the command of that id; an error that is about a contact field names it in "field". Codes of this package: busy (too many commands wait on this connection) and
// unknown_command (the connection takes none). After busy and try_again the same command may be sent again.
//
//	{"type":"pong"}
//
// answers a ping, and a hello that asks for one.
//
//	{"type":"error","topic":"board","code":"forbidden","message":"..."}
//
// says that a topic of a hello is not given: forbidden, or too_many_topics.
//
// # Staying in step
//
// An epoch is one life of one server process; sequence numbers mean nothing across epochs. The client's rules:
//
//  1. Say hello when the connection opens, with what is known of each topic.
//  2. At a snapshot take its items, epoch and seq.
//  3. At a delta with the known epoch and prev_seq equal to the known seq, apply it and take its seq.
//  4. At any other delta, say hello for that topic and ignore its deltas until the snapshot.
//
// The server's answers to hello: for a new topic of the connection, nothing when epoch and seq are the newest; one delta
// from the client's seq when it still knows all changes since; else a snapshot. For a topic that the connection reads
// already, nothing when seq is what was sent last, else a snapshot. So nothing is lost by a reload or a reconnect to
// another node, and nothing is shown twice as if it were new.
//
// # Keeping alive, and ends
//
// The server pings every 5 s and closes a connection from which nothing, not even a pong, has come for 12 s. It cuts a
// client that does not take a message within 2 s. Close codes:
//
//	1001  the server ends: connect again, after a short random pause
//	1008  more than 50 messages a second (bursts of 100): a fault of the client
//	1009  a message was longer than 64 KiB
//	4400  something was no message of this protocol: a fault of the client
//	4401  signed out, or the account was disabled: authenticate anew, do not just reconnect
//	none  the network, a slow client, a crash: connect again with a growing pause
//
// # Guarantees
//
//   - Per topic and connection, messages come in order and without gaps; what a client has applied is a state that the table
//     had, but for keys that changed since, which follow.
//   - Memory per connection is bounded: there is no queue of changes, only a sequence number per topic; the newest values
//     are read when the socket can take them. A slow reader costs nobody else anything.
//   - Commands of a connection are carried out one after another, in order, beside reading: they hold up neither pings nor
//     tables. A command that was begun is finished even if its connection goes.
//   - [Hub.Kick] closes a user's connections within a second, on all nodes that Redis reaches.
//   - [Hub.Put] never blocks on a client.
//
// # Several nodes
//
// A [Relay] publishes each node's items on one Redis channel and keeps them in a hash per topic, from which a new node
// loads them. An item bears the node that set it and a stamp; the newest stamp wins everywhere. Keys, under the prefix
// "dialtide:":
//
//	stream            the channel: puts, sign-outs, beats with the node's connected users
//	topics            set of topics that have a hash
//	topic:<topic>     hash key -> {"node","at","value"}
//	node:<node>       mark of life, expires after 15 s; when it is missing the node publishes everything anew
//	presence:<node>   hash user id -> number of connections, expires after 15 s
//	kicked            sorted set of sign-outs of the last ten minutes, for nodes that were not listening
//
// Redis may vanish, come back empty or be flushed at any moment: pages of a node go on seeing that node's items at once,
// and what was lost is published anew within a beat (3 s). What a node that died has left is removed by the others after
// 15 s; a node that comes back under its name removes what it does not show any more. Node names must be unique.
package stream
