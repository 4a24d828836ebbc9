// Everything that must hold of a journal, looked at one by one.
#pragma once

#include <string>
#include <vector>

namespace SQLite {
class Database;
}

namespace trainstop::journal {

/// One sentence for each problem; of one sort of problem at most kMostOfASort. Throws SQLite's
/// exceptions only for what is no damage.
std::vector<std::string> check_all(SQLite::Database& database, const std::string& path);

inline constexpr int kMostOfASort = 20;

}  // namespace trainstop::journal
