// Package web serves the browser desktop that is built from app/ into dist/ and carried inside the binary.
//
// It guarantees:
//
//   - No inline script runs: the page is sent under a Content-Security-Policy that lets in scripts of this origin only.
//     Style elements need the nonce of the response that carried the page; everything else comes from this origin.
//   - Files under assets/ carry a hash of their content in their name and are cached for a year; the page itself is
//     always asked for again, so that a new binary shows a new desktop at the next load.
//   - A path that is no file is answered with the page, which finds its way by itself; a path under /api is never
//     answered with the page but with 404.
//   - A binary that was built without the desktop still runs: it answers a plain page that says how to build it.
package web
