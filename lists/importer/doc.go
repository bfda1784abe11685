// Package importer reads list files into lists: CSV and TSV in UTF-8, UTF-16, GB18030 (which contains GBK and GB2312) or Big5,
// with or without a byte order mark, and Excel workbooks (.xlsx).
//
// [Inspect] says what a file looks like before anything is stored; a [Plan] says how it is read; [Import] reads it.
//
// Guarantees:
//   - A file is read as a stream; memory stays under 256 MiB whatever is in it: a row may have 1 MiB, a field 64 KiB, a file 500
//     columns. Of a workbook only the texts that cells share are in memory, at most 64 MiB of them; a part that unpacks to more
//     than 200 times its size is refused as a zip bomb.
//   - Every row becomes a contact, changes one, or is rejected with a reason. Contacts, rejects, counters and the place in the
//     file are committed together, in short batches: an import that is interrupted goes on behind the last one ([Import] with the
//     same id, or [Load]), never with half a row. What was accepted before a failure stays, and reading the same file again
//     passes it over.
//   - Two imports of the same numbers at the same time give each contact once.
//   - Values stay data: control characters become spaces, text in other encodings becomes UTF-8, and nothing is evaluated or
//     expanded. Telephone numbers hold digits after a plus and nothing else. What spreadsheets do to numbers is undone
//     (8.613800138000E+12), unless digits are lost: then the row is rejected as phone_rounded.
//   - Up to 1,000,000 rejected rows are stored with their cells, all are counted; [WriteRejects] gives them as a file to be mended
//     and loaded again.
//   - A row whose quotes do not fit is its first line; what is behind it is read by itself. Lines of UTF-8 in a file of GBK or Big5 are
//     read as UTF-8.
//   - What is no list file (an archive, an image, nothing) is refused with a FileError that says so.
//
// The reading goroutine parses, normalises, and passes over numbers that it has seen; the committing one has contacts written in
// PostgreSQL's binary COPY format under the list's lock, sorted by number for the sake of the index by number, with their places in the
// order of the file, two batches at a time, each committed in its turn. Which numbers are there is known beforehand where that is cheaper than
// asking; a unique index finds out when it was wrong, and then the database is asked.
package importer
