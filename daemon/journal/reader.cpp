#include "journal/reader.hpp"

#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <variant>

#include "journal/records.hpp"
#include "journal/records_check.hpp"
#include "journal/schema.hpp"
#include "journal/sqlite_copy.hpp"
#include "journal/sqlite_error.hpp"
#include "journal/sqlite_file.hpp"
#include "journal/sqlite_statement.hpp"

namespace trainstop::journal {

namespace {

using Argument = std::variant<std::int64_t, std::string>;

/// What an event's row must fulfil, and the values for its question marks.
struct Where {
  std::vector<std::string> terms;
  std::vector<Argument> arguments;

  void add(std::string term, std::initializer_list<Argument> values) {
    terms.push_back(std::move(term));
    arguments.insert(arguments.end(), values);
  }
};

/// `…/training/{project}/logs/{job}`, with or without what follows; empty when it is no such URL.
std::optional<std::pair<std::string, std::string>> parse_job_url(std::string_view url) {
  constexpr std::string_view kProject = "/training/";
  constexpr std::string_view kJob = "/logs/";
  const auto project = url.find(kProject);
  if (url.find("://") == std::string_view::npos || project == std::string_view::npos)
    return std::nullopt;
  std::string_view rest = url.substr(project + kProject.size());
  const auto job = rest.find(kJob);
  if (job == std::string_view::npos) return std::nullopt;
  const std::string_view id = rest.substr(job + kJob.size());
  return std::pair(std::string(rest.substr(0, job)),
                   std::string(id.substr(0, id.find_first_of("/?#"))));
}

void add_job(Where& where, const std::string& job) {
  if (const auto page = parse_job_url(job)) {
    where.add("e.subject IN (SELECT id FROM subject WHERE project_id = ? AND job = ?)",
              {page->first, page->second});
    return;
  }
  where.add(
      "e.subject IN (SELECT id FROM subject WHERE job = ? OR job_name = ? OR "
      "account || '/' || job = ?)",
      {job, job, job});
}

std::int64_t count_of(Instant utc) {
  return utc.time_since_epoch().count();
}

Where where_of(const Query& query) {
  Where where;
  where.add("e.level >= ?", {static_cast<std::int64_t>(query.least)});
  where.add("e.seq > ?",
            {static_cast<std::int64_t>(
                std::min(query.after, std::uint64_t{std::numeric_limits<std::int64_t>::max()}))});
  if (query.since) where.add("e.at >= ?", {count_of(*query.since)});
  if (query.until) where.add("e.at < ?", {count_of(*query.until)});
  if (query.rule) where.add("e.rule = (SELECT id FROM name WHERE text = ?)", {*query.rule});
  if (query.job) add_job(where, *query.job);
  return where;
}

class SqliteReader : public Reader {
 public:
  SqliteReader(std::filesystem::path file, std::unique_ptr<SQLite::Database> database)
      : file_(std::move(file)), database_(std::move(database)) {}

  Outcome<std::vector<Entry>> events(const Query& query) override {
    return read([&]() -> Outcome<std::vector<Entry>> {
      const Where where = where_of(query);
      std::string sql =
          kSelectEvent + ("WHERE " + fmt::format("{}", fmt::join(where.terms, " AND ")));
      sql += " ORDER BY e.seq";
      if (query.last)
        sql += fmt::format(" DESC LIMIT {}", std::min<std::size_t>(*query.last, kMost));
      SQLite::Statement row(*database_, sql);
      int index = 0;
      for (const Argument& argument : where.arguments)
        std::visit([&](const auto& value) { row.bind(++index, value); }, argument);
      std::vector<Entry> found;
      while (row.executeStep()) {
        const auto seq = static_cast<std::uint64_t>(row.getColumn(0).getInt64());
        found.push_back({seq, read_event(row)});
      }
      if (query.last) std::ranges::reverse(found);
      return found;
    });
  }

  Outcome<Info> info() override {
    return read([&]() -> Outcome<Info> {
      Info info;
      info.path = file_.string();
      for (const char* suffix : {"", "-wal", "-shm"}) {
        std::error_code none;
        const auto bytes = std::filesystem::file_size(with_suffix(file_, suffix), none);
        if (!none) info.bytes += bytes;
      }
      info.schema = static_cast<int>(number("PRAGMA user_version"));
      info.events = count("SELECT count(*) FROM event");
      info.images = count("SELECT count(*) FROM record");
      info.runs = count("SELECT count(DISTINCT key) FROM record WHERE kind = 1");
      if (info.events > 0) {
        info.first = Instant(Duration(number("SELECT min(at) FROM event")));
        info.last = Instant(Duration(number("SELECT max(at) FROM event")));
      }
      add_present(info);
      Prepared by_name(*database_,
                       "SELECT n.text, count(*) FROM event e JOIN name n ON n.id = e.name GROUP BY "
                       "e.name");
      by_name.each([&](const SQLite::Statement& row) {
        info.events_by_name[row.getColumn(0).getString()] =
            static_cast<std::uint64_t>(row.getColumn(1).getInt64());
        return true;
      });
      return info;
    });
  }

  Outcome<std::vector<std::string>> check() override {
    return read([&]() -> Outcome<std::vector<std::string>> {
      return check_all(*database_, file_.string());
    });
  }

  Outcome<Present> present() override {
    return read([&]() -> Outcome<Present> { return read_present(*database_); });
  }

 private:
  static constexpr std::size_t kMost = std::size_t{1} << 62;  // LIMIT takes a signed number

  /// One state of the journal, however much is written meanwhile.
  template <class Work>
  auto read(Work&& work) -> decltype(work()) {
    return guarded(file_.string(), Doing::reading, [&] {
      SQLite::Transaction one_state(*database_);
      return work();
    });
  }

  std::int64_t number(const char* sql) { return Prepared(*database_, sql).number().value_or(0); }
  std::uint64_t count(const char* sql) { return static_cast<std::uint64_t>(number(sql)); }

  void add_present(Info& info) {
    const Present present = read_present(*database_);
    info.present_images = present.images.size();
    for (const Image& image : present.images) {
      const auto ended = [](const auto& field) { return field.first == "ended"; };
      if (image.kind == Image::Kind::stop) ++info.open_stops;
      if (image.kind == Image::Kind::job && std::ranges::none_of(image.body, ended))
        ++info.live_jobs;
    }
  }

  std::filesystem::path file_;
  std::unique_ptr<SQLite::Database> database_;  ///< of file_, or of a copy
};

using Opened = Outcome<std::unique_ptr<SQLite::Database>>;

/// In place. What can't be brought up to date there is unwritable.
Opened open_in_place(const std::filesystem::path& file) {
  return guarded(file.string(), Doing::reading, [&]() -> Opened {
    auto database =
        std::make_unique<SQLite::Database>(file.string(), SQLite::OPEN_READONLY, kBusyTimeoutMs);
    const auto version = version_of(*database, file.string());
    if (!version) return version.error();
    if (*version < migrations().back().version)
      return Error{Error::Kind::unwritable, file.string() + ": its schema is older"};
    database->execAndGet("SELECT count(*) FROM meta");
    return database;
  });
}

}  // namespace

Outcome<std::unique_ptr<Reader>> open_reader(const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / kFileName;
  if (auto looked = look_at(file); !looked) return looked.error();
  auto database = open_in_place(file);
  // SQLite needs the log's index for reading and can't make it here: read-only, full, or not ours.
  if (!database && (database.error().kind == Error::Kind::unwritable ||
                    database.error().kind == Error::Kind::unreadable)) {
    database = open_copy(file);
  }
  if (!database) return database.error();
  return std::unique_ptr<Reader>(new SqliteReader(file, std::move(*database)));
}

}  // namespace trainstop::journal
