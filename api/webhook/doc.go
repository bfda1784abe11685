// Package webhook posts facts to addresses that an admin has named: endings of attempts, dispositions, DNC entries, alerts, reports.
//
// A post is made by the database in the transaction of its fact: each row of the outbox makes one for every enabled endpoint that
// has asked for its topic, and [Queue] makes one by hand. [Deliverer.Run] sends them. Guarantees:
//
//   - At least once: a post is removed after the receiver has answered with a status of 200 to 299. It bears the same
//     webhook-id at every try, by which the receiver knows it again. A fact that was rolled back is never posted.
//   - In order per endpoint: the next post waits until the one before is delivered or dead. Facts of which one led to the other
//     are posted in that order; facts of the same moment in any.
//   - Tried again after 5 s, 15 s, 1, 5, 15, 30 minutes, 1 h and then every 3 h, for a day from the fact on, or later when the
//     receiver says so (Retry-After, an hour at most). Then the post is dead: kept with its last error for 30 days, at most 1,000
//     per endpoint, to be seen and sent again by an admin. A receiver that refuses a post (400 to 499, but not 408, 425 or 429) is
//     asked five times, so that one bad post does not hold up the others for a day; 410 Gone switches the endpoint off.
//   - Bounded: at most 50,000 posts wait for an endpoint, the oldest beyond are dead; one post at a time per endpoint and eight
//     in all, ten seconds each; nothing of an answer but its status is read or kept.
//   - Signed as Standard Webhooks have it (standardwebhooks.com): headers webhook-id, webhook-timestamp (Unix seconds) and
//     webhook-signature: "v1," and the base64 of HMAC-SHA256 over "ID.TIMESTAMP.BODY". Receivers refuse old timestamps. The
//     secret is shown once, when it is made; it is in no log, no error, no audit row.
//   - Nothing inside can be reached by an endpoint's address: only https, only public addresses, never this machine's own,
//     whatever the name resolves to; the address that was checked is the one that is dialled; redirects are not followed and no
//     proxy of the environment is asked. Networks that the configuration names may be reached, also by http.
//
// Several processes: the one that leads delivers. Two that believe so at once can send a post twice, never lose one.
package webhook
