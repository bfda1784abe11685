// Command dialtide is the outbound dialer: the server, its checks, loads and simulations, and a demo that needs nothing else.
// It wires command lines to the packages below it and decides nothing else.
//
// Guarantees:
//   - Settings come from a flag, else the environment, else one configuration file (package app); what cannot be read or is not
//     known is one line on standard error that says where and what to do, before anything is done.
//   - The exit status is 0 when all was done, 1 when it failed, and 2 when the command line or the file was not understood.
//   - Passwords of accounts are read from standard input and are never arguments, which everybody on the machine can read.
//   - Control sequences are written to terminals only; files and pipes get plain lines.
//   - `import` leaves no list behind when the file could not be taken.
package main
