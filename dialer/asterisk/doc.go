// Package asterisk drives Asterisk 22 over ARI: it implements dialer.Switch, the agents' phones (agent.Phones) and
// listening, and tells what happens as dialer.Event.
//
// # What it guarantees
//
//   - A number is dialled at most once for each permit: one POST, never repeated, not by the HTTP transport either, and a
//     second Originate for the same attempt is refused. Numbers, names and sounds are matched against strict patterns
//     here, the last gate before the switch. The permit is redeemed right before the POST.
//   - Events come in Asterisk's order from one goroutine. Between the reader of the socket and the handler lies a bounded
//     queue; when it is full the socket is closed and everything compared again. Nothing is dropped silently.
//   - After each connect: application verified (GET /applications/NAME is 200, and again every few seconds, because a fast
//     reconnect can leave an open socket without its application), event filter set, then one Resync event, then live
//     events. Up is true only between the return of the handler of Resync and the moment the socket is known dead.
//   - Each channel ends once: by one Ended event, or by being absent from the Snapshot of a Resync.
//   - Only channels and bridges of this application are told of or touched. Several dialers may share one Asterisk.
//
// # Resync
//
// The socket is subscribed first and the lists are read after. The Snapshot of a Resync event is brought to the moment
// of the subscription: a channel that ended while the lists were read is in it, and its Ended follows with its cause; a
// customer whose Answered is still to come has InApp false. What a snapshot cannot say and the handler was not yet
// told (Ringing, PickedUp, Answered with its AMD, Screened, MessageDone) follows as events right after it. So no event
// between subscription and lists is lost, and none is told twice.
//
// # How ours is recognised
//
// Every channel is originated with the account code APP.ROLE, which Asterisk puts into each event and each list: role
// and owner are known without a further request, also after a restart of the dialer. Snoops are known by the arguments
// of the application and by their names: in a bridge a snoop takes over the account code of another channel. That of AMD has an id derived
// from the callee's, a supervisor's has that of the act in the audit log.
//
// # Talks
//
// Legs are moved by addChannel straight from bridge to bridge (1 to 4 ms). Customers on hold are all in one holding bridge, in
// which each hears music and nobody another one: ARI's hold would let the agent go on hearing the customer, and music
// played into the bridge of two mixes badly. MixMonitor runs on the customer's channel from the answer on and goes with him. Who is
// put there gets a new dead man's handle: if the dialer dies and does not come back, he hears the message. Bridges of outside
// numbers are deleted when nobody is in them any more.
//
// # Why not the client of ari/v5
//
// Types, event names and request structures are those of github.com/CyCoreSystems/ari/v5. Its client is not used: an
// event of a type it does not know panics the process, events past a buffer are dropped without a word, calls have
// neither context nor timeout, connections are not reused, and nothing is compared after a reconnect. The transport here
// is gorilla/websocket with one reader and a pooled net/http client. On the event path the few fields that matter are
// scanned from the message by hand (event.go): 1.4 us and no allocation against 21 us and 44 of ari.DecodeEvent, which
// the tests use as the yardstick of correctness.
package asterisk
