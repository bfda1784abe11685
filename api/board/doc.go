// Package board puts on the supervisors' board what no dialer tells: how campaigns are set up, where their lists stand, and what
// was changed in them lately.
//
// Rows of the stream's topic "board", besides those of the dialer and the floor:
//
//	plan/<campaign>           how a campaign is set up ([Plan]); all but stopped ones
//	list/<campaign>/<list>    where a list stands in it, whether it is dry and why ([List])
//	mark/<campaign>           its changes of the last quarter of an hour, oldest first ([Mark])
//
// Guarantees:
//   - Everything is counted once for all who watch: one process of all leads ([Feed.Run]) and the stream carries its rows. Who
//     opens a page asks the database nothing.
//   - A row is sent only when it says something else than before.
//   - What was changed through this process is on the board before the request is answered ([Feed.Changed]); what comes from
//     elsewhere within a second.
//   - Lists of campaigns whose calls begin or end are counted again at once, but never for more than a tenth of the time: a
//     campaign whose lists take 40 ms to count is counted every 400 ms at most, one whose lists take a second every ten
//     seconds. Others are counted every ten seconds.
package board
