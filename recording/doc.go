// Package recording turns what the switch captured into recordings that can be trusted and played.
//
// The switch writes one raw file per attempt into its spool while the customer is bridged: interleaved stereo, signed 16
// bit little endian, 8 kHz, the customer left and the agent right. The dialplan starts that capture, so it goes on when
// every dialer process is dead; nothing here is on the path of a call.
//
// Guarantees: a recording is bound to its attempt by id and by the SHA-256 of the stored file (invariant I8). A spooled
// file is deleted only after the stored copy was read back and its checksum matched and the row was committed. The
// archive works from what lies in the spool, not from memory: a crash at any point means the next [Archive.RunOnce] does
// the rest, and doing it twice has no effect. A file whose attempt is still open, or unknown to the database, is left
// alone.
//
// A recording that is deleted ([Archive.Delete]) loses its row first and then its file; what a crash leaves of the files goes with the
// next sweep. Its attempt stays, with a note who deleted the recording, when and why, and a capture that comes later is not stored.
//
// # Policy
//
// [Marks] are what was done to a capture: begun under which policy, announced, paused, resumed, started, stopped. They are written behind
// the call's back and read when the capture is stored: what lies in a pause, before a recording on demand was asked for, or after a failed
// announcement is silence in the stored file even when the switch had not left it out, and a capture on demand that nobody asked
// for is not stored at all. The message that a callee hears whom no agent took is among them, with the SHA-256 of its files ([Sounds]): evidence
// packs tell it.
//
// # Store
//
// Finished recordings lie in a [BlobStore], a folder or an S3-compatible bucket, encrypted in the age format when there are [Keys]. The
// opus file ([Archive.Transcode]) stands for its recording only when it was read back and decodes to the same length; the checksum of what was
// recorded stays. [Archive.Retain] deletes what is older than its campaign's days; what is held ([Archive.AddHold]) stays,
// whoever asks. [Archive.Health] is never silent about a full disk, a backlog, or talks of which nothing is there.
package recording
