// Package importer reads list files into lists.
//
// Guarantees:
//   - A file is read once, as a stream; memory stays bounded whatever is in it: a row may have 1 MiB, a field 64 KiB, a
//     file 500 columns. At most 100,000 rejected rows are stored with their reasons, all are counted.
//   - Every row becomes a contact or is rejected with a reason. Contacts, rejects and counters are committed together, in
//     short batches; what was accepted before a failure stays, and reading the same file again passes it over.
//   - Two imports of the same numbers at the same time give each contact once.
//   - Values stay data: control characters become spaces, text in other encodings becomes UTF-8, and nothing is escaped,
//     evaluated or expanded. Telephone numbers hold digits after a plus and nothing else.
//   - Text may be UTF-8, UTF-16 or GB18030 (which contains GBK and GB2312), with or without a byte order mark.
//   - What is no list file (a workbook, an archive, an image, nothing) is refused with a FileError that says so.
package importer
