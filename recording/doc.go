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
package recording
