#include "journal/records_check.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "journal/records.hpp"
#include "journal/sqlite_error.hpp"
#include "journal/sqlite_statement.hpp"

namespace trainstop::journal {

namespace {

class Check {
 public:
  Check(SQLite::Database& database, const std::string& path) : database_(database), path_(path) {}

  std::vector<std::string> run() {
    step([&] { check_file(); });
    step([&] { meta_ = read_meta(database_); });
    step([&] { check_present(); });
    step([&] { check_records(); });
    step([&] { check_numbers(); });
    step([&] { check_events(); });
    return std::move(problems_);
  }

 private:
  /// What is known of one stop, from its events in their order.
  struct Stop {
    bool intended = false;
    std::optional<std::int64_t> attempt;
  };

  /// Damage ends a step, not the check.
  template <class Step>
  void step(Step&& look) {
    of_a_sort_ = 0;
    const auto done = guarded(path_, Doing::reading, [&]() -> Outcome<void> {
      look();
      return {};
    });
    if (!done) {
      of_a_sort_ = 0;
      tell(done.error().message);
    }
  }

  void tell(std::string problem) {
    ++of_a_sort_;
    if (of_a_sort_ == kMostOfASort) problem += "; and perhaps more of the kind";
    if (of_a_sort_ <= kMostOfASort) problems_.push_back(std::move(problem));
  }

  void check_file() {
    SQLite::Statement row(database_, fmt::format("PRAGMA integrity_check({})", kMostOfASort));
    while (row.executeStep()) {
      const std::string found = row.getColumn(0).getString();
      if (found != "ok") tell("the file: " + found);
    }
    SQLite::Statement reference(database_, "PRAGMA foreign_key_check");
    while (reference.executeStep()) {
      tell(fmt::format("row {} of table {} refers to a missing row of table {}",
                       reference.getColumn(1).getInt64(), reference.getColumn(0).getString(),
                       reference.getColumn(2).getString()));
    }
  }

  void check_present() {
    const Present present = read_present(database_);
    for (const Image& image : present.images) {
      if (image.kind != Image::Kind::stop) continue;
      const bool has_job = std::ranges::any_of(present.images, [&](const Image& job) {
        return job.kind == Image::Kind::job && job.key == image.key;
      });
      if (!has_job)
        tell(fmt::format("the open stop '{}' is of a job that is not present", image.key));
    }
  }

  void check_records() {
    SQLite::Statement row(database_, "SELECT id, kind, key, body, sum FROM record");
    std::int64_t count = 0;
    while (row.executeStep()) {
      ++count;
      const auto id = row.getColumn(0).getInt64();
      const std::string body = row.getColumn(3).getString();
      if (row.getColumn(4).getInt64() !=
          sum_of(row.getColumn(1).getInt64(), row.getColumn(2).getString(), body)) {
        tell(fmt::format("record {} is not what was written", id));
      } else if (!decode(body)) {
        tell(fmt::format("record {} can't be decoded", id));
      }
    }
    if (!meta_) return;
    const std::int64_t written = meta_->last_record - meta_->pruned_records;
    if (count != written)
      tell(fmt::format("there are {} records where {} were kept", count, written));
  }

  /// Every number from 1 on is an event, was pruned, or is in a gap.
  void check_numbers() {
    if (!meta_) return;
    std::int64_t lost = 0;
    std::map<std::int64_t, std::int64_t> gaps;
    Prepared(database_, "SELECT from_seq, to_seq FROM gap").each([&](const SQLite::Statement& row) {
      const auto from = row.getColumn(0).getInt64();
      const auto to = row.getColumn(1).getInt64();
      // None of these: the search for holes below would not come to its end.
      if (from < 1 || to < from || to > meta_->last_seq) {
        tell(fmt::format("the gap from event {} to {} can't be", from, to));
        return true;
      }
      gaps.emplace(from, to);
      lost += to - from + 1;
      return true;
    });
    if (!gaps.empty()) first_gap_ = gaps.begin()->first;
    const auto count = Prepared(database_, "SELECT count(*) FROM event").number().value_or(0);
    const auto kept = meta_->last_seq - lost - meta_->pruned_events;
    if (count != kept) tell(fmt::format("there are {} events where {} were kept", count, kept));
    // Below this the count is all there is: debug events are pruned from between the others.
    const std::int64_t pruned = std::max(meta_->pruned_to, meta_->pruned_debug_to);
    std::int64_t expected = pruned + 1;
    SQLite::Statement row(database_, "SELECT seq FROM event WHERE seq > ? ORDER BY seq");
    row.bind(1, pruned);
    const auto tell_hole = [&](std::int64_t next) {
      while (expected < next) {
        // The first gap that ends behind the hole's start.
        auto gap = gaps.lower_bound(expected);
        if (gap != gaps.begin() && std::prev(gap)->second >= expected) --gap;
        const bool in_gap = gap != gaps.end() && gap->first <= expected;
        const std::int64_t end =
            in_gap ? gap->second + 1 : std::min(next, gap == gaps.end() ? next : gap->first);
        if (!in_gap) tell(fmt::format("events {} to {} are missing", expected, end - 1));
        expected = end;
      }
    };
    while (row.executeStep()) {
      const auto seq = row.getColumn(0).getInt64();
      tell_hole(seq);
      expected = seq + 1;
    }
    tell_hole(meta_->last_seq + 1);
  }

  void check_events() {
    SQLite::Statement row(database_, std::string(kSelectEvent) + "ORDER BY e.seq");
    while (row.executeStep()) {
      const auto seq = row.getColumn(0).getInt64();
      try {
        check_event(seq, read_event(row));
      } catch (const Damage& damage) {
        tell(damage.what());
      }
    }
  }

  void check_event(std::int64_t seq, const Event& event) {
    std::string job;
    for (const char* part : {"account", "project_id", "job"})
      job += text_of(event.fields, part).value_or("") + "/";
    if (event.level != Level::debug) first_of_job_.try_emplace(job, seq);
    const auto id = text_of(event.fields, "stop");
    if (!id) return;
    Stop& stop = stops_[*id];
    if (event.name == "stop.intended") stop.intended = true;
    const bool needs_intent = event.name == "stop.sent" || event.name == "stop.confirmed";
    if (needs_intent && !stop.intended && !may_lack_earlier(seq, job))
      tell(fmt::format("event {} is {} of stop '{}', which was never intended", seq, event.name,
                       *id));
    const Value* attempt = event.find("attempt");
    const auto* number = attempt == nullptr ? nullptr : std::get_if<std::int64_t>(&attempt->data);
    if (number == nullptr) return;
    if (stop.attempt && *number < *stop.attempt) {
      tell(fmt::format("event {} is attempt {} of stop '{}', after attempt {}", seq, *number, *id,
                       *stop.attempt));
    }
    stop.attempt = *number;
  }

  /// Whether the intent may have been among the events that were lost or pruned. A job's events are
  /// pruned by their age: while an earlier one is there, the later are.
  bool may_lack_earlier(std::int64_t seq, const std::string& job) const {
    if (first_gap_ < seq) return true;
    return meta_ && meta_->pruned_to > 0 && first_of_job_.at(job) == seq;
  }

  SQLite::Database& database_;
  std::string path_;
  std::vector<std::string> problems_;
  int of_a_sort_ = 0;
  std::optional<Meta> meta_;
  std::int64_t first_gap_ = std::numeric_limits<std::int64_t>::max();
  std::map<std::string, std::int64_t> first_of_job_;
  std::map<std::string, Stop> stops_;
};

}  // namespace

std::vector<std::string> check_all(SQLite::Database& database, const std::string& path) {
  return Check(database, path).run();
}

}  // namespace trainstop::journal
