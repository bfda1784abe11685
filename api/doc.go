// Package api is Dialtide's HTTP face: REST under /api, the WebSocket at /api/stream, health, metrics, documentation.
//
// It guarantees:
//
//   - Deny by default. One route table ([routes]) names the method, the path and who may call; a route that names
//     nobody is refused by [New]. Every route passes the same door: session, role, deadline, size of the body.
//   - Every error is application/problem+json with a stable "code", whether it comes from the router, the door, the
//     validation, a handler or a panic. Errors of the database are never shown; they are logged under the request's id.
//   - An act that must be answered for later has its audit row before it takes effect: listening, playing a recording,
//     exporting (invariant I15).
//   - A DNC entry is acknowledged only after unanswered calls to the number were withdrawn (invariant I3).
//   - Sessions: random tokens, stored hashed, new at each sign-in, in HttpOnly SameSite=Lax cookies. A disabled user or an
//     ended session loses REST at once and its WebSocket within 5 s, on every node.
//   - Passwords: argon2id. Guessing is bounded per login and per address; an unknown login costs the same time as a
//     wrong password. There are no default accounts: the first one is made with [CreateUser].
//   - A softphone in the page (phone.go, phonesocket.go) has a secret for an hour and no longer than its sign-in; the database and
//     the switch get its digest only, and no address or log has it. Its SIP WebSocket is ours, at /api/phone/ws: the session's
//     cookie, the role and the Origin are checked, frames are bounded, and it is carried to the switch's. So the switch's server
//     stays private, one certificate serves page, API and phone (with TLS in front the page's way is WSS throughout), and
//     the page's policy needs no other host than 'self'. The phone is known to the switch only while that socket is open. An agent's
//     sockets, the stream's and the phone's, must reach the same process, and that process his switch.
//   - Requests for help, chat, notes on calls and notices are in the database before they are acknowledged; the stream shows them at once to
//     whom they are for (helpline.go), what another process wrote within two seconds at most, and all of it again after a restart.
//   - Handlers hold no business rules: input, one call of the store, output.
//
// Lifecycle: [New] checks the options and the route table; [Server.Handler] serves at once; [Server.Run] carries the
// background work (imports, the watch over open sockets, expired sessions) until its context ends.
package api
