// Reads a journal for people, while a daemon writes it and when none does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "journal/store.hpp"

namespace trainstop::journal {

struct Entry {
  std::uint64_t seq = 0;
  Event event;
};

/// Which events; each condition that is set must hold.
struct Query {
  /// A job's id, ACCOUNT/ID, name, or the URL of its page (model/job.hpp: job_url).
  std::optional<std::string> job;
  std::optional<std::string> rule;
  std::optional<Instant> since, until;  ///< UTC; since included, until not
  Level least = Level::info;
  std::uint64_t after = 0;          ///< only seq above this
  std::optional<std::size_t> last;  ///< the newest so many; absent: all
};

/// What `journal info` tells.
struct Info {
  std::string path;
  std::uint64_t bytes = 0;  ///< of all files together
  int schema = 0;
  std::uint64_t events = 0, images = 0, present_images = 0;
  std::uint64_t live_jobs = 0,
                open_stops =
                    0;     ///< present images of kind job whose body has no `ended`; of kind stop
  std::uint64_t runs = 0;  ///< how often a daemon has started
  std::optional<Instant> first, last;  ///< of the events, UTC
  std::map<std::string, std::uint64_t> events_by_name;
};

class Reader {
 public:
  virtual ~Reader() = default;
  /// In the order of seq.
  virtual Outcome<std::vector<Entry>> events(const Query& query) = 0;
  virtual Outcome<Info> info() = 0;
  /// Verifies file, records and invariants; one sentence for each problem, empty when all is well.
  virtual Outcome<std::vector<std::string>> check() = 0;
  /// The present as Store::load gives it.
  virtual Outcome<Present> present() = 0;
};

/// unreadable when there is no journal or it may not be read.
Outcome<std::unique_ptr<Reader>> open_reader(const std::filesystem::path& directory);

}  // namespace trainstop::journal
