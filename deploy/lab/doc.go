// Package lab runs private instances of PostgreSQL, Redis and Asterisk: for tests and for the demonstration, never for
// production.
//
// It guarantees:
//   - Nothing of the machine's own services is touched: own folders, own ports, own users, loopback only.
//   - A server that a call returned without error answers requests.
//   - Nothing stays: Stop waits until the process is gone, and when the process that started it dies in whatever way, the
//     kernel ends the server (parent-death signal). Processes are ended by their own pid only.
//   - Data stays in Dir between starts, until the caller removes it.
//   - An error says in one line what is wrong and what to do.
//
// Started as root, servers run as another user (postgres, redis, asterisk, or else nobody): PostgreSQL refuses root.
// A folder that this user could not reach, such as one below /root, is shown to it in a private mount namespace at the
// same path, so that paths mean the same inside and outside.
//
// Asterisk is the machine's own where that is version 22 or later, or else the program in a private root (made by
// deploy/install.sh), run by that root's own dynamic loader: without chroot, so it needs no rights.
//
// Tests use Main, Database, RedisAddr, AsteriskFor and Addresses: one server of a kind per test binary, started at the
// first use; each test binary has its own loopback network 127.77.N.0/24, so that binaries can run side by side. Their data is below
// DIALTIDE_TEST_DIR, or else in the folder for temporary files; `make test` sets it to a folder in memory, benchmarks need a disk.
package lab
