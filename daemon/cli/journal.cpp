// `trainstop journal`: whether the journal is whole, and what is in it.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "cli/commands.hpp"
#include "cli/text.hpp"
#include "cli/where.hpp"
#include "journal/reader.hpp"

namespace trainstop::cli {

namespace {

constexpr std::size_t kMostNames = 12;  // of events, for people; --json has them all

struct JournalOptions {
  Where where;
  bool json = false;
};

std::string instant_json(const std::optional<Instant>& instant) {
  return instant ? json_text(format_rfc3339(*instant)) : "null";
}

/// `1.2 MiB`.
std::string format_bytes(std::uint64_t bytes) {
  constexpr std::uint64_t kStep = 1024;
  if (bytes < kStep) return fmt::format("{} bytes", bytes);
  auto size = static_cast<double>(bytes) / kStep;
  const char* unit = "KiB";
  for (const char* larger : {"MiB", "GiB"}) {
    if (size < kStep) break;
    size /= kStep;
    unit = larger;
  }
  return fmt::format("{:.1f} {} ({} bytes)", size, unit, bytes);
}

void print_check(const std::string& path, const std::vector<std::string>& problems,
                 const journal::Info& info, bool json) {
  if (!json) {
    for (const std::string& problem : problems) fmt::print("{}\n", problem);
    if (problems.empty())
      fmt::print("{}: ok, {} events, {} images\n", path, info.events, info.images);
    return;
  }
  std::string list;
  for (const std::string& problem : problems) {
    if (!list.empty()) list += ',';
    list += json_text(problem);
  }
  const std::string counts =
      problems.empty() ? fmt::format(R"(,"events":{},"images":{})", info.events, info.images) : "";
  fmt::print("{{\"path\":{},\"ok\":{}{},\"problems\":[{}]}}\n", json_text(path), problems.empty(),
             counts, list);
}

int check(const JournalOptions& options) {
  const auto directory = find_state_directory(options.where);
  const std::string path = (directory / journal::kFileName).string();
  auto reader = journal::open_reader(directory);
  std::vector<std::string> problems;
  journal::Info counts;
  const auto fails = [&](const auto& outcome) {
    // A journal so damaged that it can't be opened has that one problem.
    if (outcome.error().kind != journal::Error::Kind::corrupt) return true;
    problems = {outcome.error().message};
    return false;
  };
  if (!reader) {
    if (fails(reader)) return journal_failed(reader.error(), directory);
  } else if (auto found = (*reader)->check(); !found) {
    if (fails(found)) return journal_failed(found.error(), directory);
  } else {
    problems = std::move(*found);
  }
  if (problems.empty()) {
    if (auto info = (*reader)->info()) {
      counts = std::move(*info);
    } else if (fails(info)) {
      return journal_failed(info.error(), directory);
    }
  }
  print_check(path, problems, counts, options.json);
  if (problems.empty()) return kDone;
  fmt::print(stderr,
             "{}: damaged; a daemon that starts sets it aside, begins a new one and holds every "
             "stop until 'trainstop breaker reset'\n",
             path);
  return kFailed;
}

void print_info_json(const journal::Info& info) {
  std::string names;
  for (const auto& [name, count] : info.events_by_name)
    names += fmt::format("{}{}:{}", names.empty() ? "" : ",", json_text(name), count);
  fmt::print(
      "{{\"path\":{},\"bytes\":{},\"schema\":{},\"first\":{},\"last\":{},\"events\":{},"
      "\"images\":{},\"present_images\":{},\"live_jobs\":{},\"open_stops\":{},\"starts\":{},"
      "\"events_by_name\":{{{}}}}}\n",
      json_text(info.path), info.bytes, info.schema, instant_json(info.first),
      instant_json(info.last), info.events, info.images, info.present_images, info.live_jobs,
      info.open_stops, info.runs, names);
}

void print_info(const journal::Info& info) {
  const auto line = [](const char* name, const std::string& value) {
    fmt::print("{:<12}{}\n", name, value);
  };
  line("path", info.path);
  line("size", format_bytes(info.bytes));
  line("schema", std::to_string(info.schema));
  line("starts", std::to_string(info.runs));
  line("live jobs", std::to_string(info.live_jobs));
  line("open stops", std::to_string(info.open_stops));
  line("images", fmt::format("{}, {} of them present", info.images, info.present_images));
  line("events", info.first && info.last
                     ? fmt::format("{}, from {} to {}", info.events, format_rfc3339(*info.first),
                                   format_rfc3339(*info.last))
                     : std::to_string(info.events));
  std::vector<std::pair<std::uint64_t, std::string>> names;
  for (const auto& [name, count] : info.events_by_name) names.emplace_back(count, name);
  std::ranges::stable_sort(names, std::greater<>(), &decltype(names)::value_type::first);
  for (std::size_t i = 0; i < std::min(names.size(), kMostNames); ++i) {
    fmt::print("  {:<24}{}\n", plain(names[i].second), names[i].first);
  }
  if (names.size() > kMostNames) fmt::print("  and {} more names\n", names.size() - kMostNames);
}

int info(const JournalOptions& options) {
  const auto directory = find_state_directory(options.where);
  auto reader = journal::open_reader(directory);
  if (!reader) return journal_failed(reader.error(), directory);
  const auto found = (*reader)->info();
  if (!found) return journal_failed(found.error(), directory);
  if (options.json) {
    print_info_json(*found);
  } else {
    print_info(*found);
  }
  return kDone;
}

}  // namespace

void add_journal(CLI::App& app, Work& work) {
  CLI::App* group = app.add_subcommand("journal", "Looks into the journal's file");
  group->require_subcommand(1);
  const auto add = [&](const char* name, const char* says, int (*does)(const JournalOptions&)) {
    const auto options = std::make_shared<JournalOptions>();
    CLI::App* command = group->add_subcommand(name, says);
    command->add_flag("--json", options->json, "One JSON object");
    add_where(*command, options->where);
    command->callback(
        [options, does, &work] { work = [options, does] { return does(*options); }; });
  };
  add("check", "Verifies the file and every record", check);
  add("info", "Says how large it is and what it holds", info);
}

}  // namespace trainstop::cli
