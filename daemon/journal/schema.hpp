// The tables, and how an older journal becomes one of today.
#pragma once

#include <span>
#include <string>

#include "journal/store.hpp"

namespace SQLite {
class Database;
}

namespace trainstop::journal {

/// `sql` takes a journal from the version before to `version`.
struct Migration {
  int version = 0;
  const char* sql = "";
};

/// All there are, by version from 1 on without a hole.
std::span<const Migration> migrations();

/// What a journal's header holds beside its version, so that no other program's file is taken for
/// one: `trst`.
inline constexpr int kApplicationId = 0x74727374;

/// Brings a journal up to date in one transaction, which is written even when there is nothing to
/// do: so it also shows whether the file can be written. corrupt when the file is no journal, newer
/// when it knows more than `steps`.
Outcome<void> migrate(SQLite::Database& database, const std::string& path,
                      std::span<const Migration> steps = migrations());

/// The same refusals without writing; gives the version.
Outcome<int> version_of(SQLite::Database& database, const std::string& path,
                        std::span<const Migration> steps = migrations());

}  // namespace trainstop::journal
