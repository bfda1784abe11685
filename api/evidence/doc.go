// Package evidence makes the pack that a regulator asks for: everything that shows how a campaign called in a period, as one ZIP.
//
// It guarantees:
//
//   - All of a pack is read in one snapshot and streamed: memory does not grow with the number of attempts.
//   - The last file, manifest.json, names every other file with its size, rows and SHA-256, and where the audit log's hash chain
//     stood. [Verify] finds a file that was changed, added, removed or renamed.
//   - Whoever makes a new pack with other contents can make a manifest that fits it. So the maker's audit log gets the manifest's
//     own hash when the pack is complete: a pack whose hash is not there was not made by that installation ([Known]).
//   - Nothing is left out silently: what the installation does not record is said in README.txt of the pack.
package evidence
