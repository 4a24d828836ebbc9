#include "journal/sqlite_error.hpp"

#include <sqlite3.h>

namespace trainstop::journal {

namespace {

constexpr int kBaseCode = 0xFF;

Error::Kind kind_of_io(Doing doing, int extended) {
  if (doing == Doing::writing) return Error::Kind::unwritable;
  switch (extended) {
    case SQLITE_IOERR_READ:
    case SQLITE_IOERR_SHORT_READ:
    case SQLITE_IOERR_CORRUPTFS:
    case SQLITE_IOERR_FSTAT:
      return Error::Kind::unreadable;
    default:  // a full disk shows here as well: no room for the index of the log
      return doing == Doing::opening ? Error::Kind::unwritable : Error::Kind::unreadable;
  }
}

Error::Kind kind_of(Doing doing, int code, int extended) {
  switch (code) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:  // another process keeps winning the race for the log
      return Error::Kind::busy;
    case SQLITE_FULL:
    case SQLITE_READONLY:
      return Error::Kind::unwritable;
    case SQLITE_IOERR:
      return kind_of_io(doing, extended);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:  // a table or column that should be there is not
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_SCHEMA:
      return Error::Kind::corrupt;
    case SQLITE_CANTOPEN:  // whether it may be read was looked at before
      return doing == Doing::reading ? Error::Kind::unreadable : Error::Kind::unwritable;
    default:  // out of memory, no permission, an interrupt
      return doing == Doing::writing ? Error::Kind::unwritable : Error::Kind::unreadable;
  }
}

}  // namespace

Error to_error(const std::string& path, Doing doing, const SQLite::Exception& thrown) {
  const int code = thrown.getErrorCode() & kBaseCode;
  const Error::Kind kind = kind_of(doing, code, thrown.getExtendedErrorCode());
  return Error{kind, path + ": " + thrown.what()};
}

}  // namespace trainstop::journal
