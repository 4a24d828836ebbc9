// A journal read again and again: what has come since, through its being set aside and made anew.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "journal/reader.hpp"

namespace trainstop::cli {

class Follower {
 public:
  /// `query` tells which events, and how many of those that are there already.
  Follower(std::filesystem::path directory, journal::Query query);
  /// What has come since the last call that succeeded; at first what the query asks for. Of another
  /// journal than before, all.
  journal::Outcome<std::vector<journal::Entry>> next();

 private:
  /// Of the journal's files; what is written changes it.
  struct Stamp {
    struct File {
      std::uint64_t inode = 0;
      std::int64_t size = 0, seconds = 0, nanoseconds = 0;
      bool operator==(const File&) const = default;
    };
    std::array<File, 2> files;
    bool operator==(const Stamp&) const = default;
  };
  static Stamp::File look(const std::filesystem::path& file);
  bool is_still();
  journal::Outcome<std::vector<journal::Entry>> read();

  std::filesystem::path directory_;
  journal::Query query_;
  std::optional<journal::Entry> newest_;  ///< of all events, so that a journal is known again
  std::optional<Stamp> last_, before_last_;
};

}  // namespace trainstop::cli
