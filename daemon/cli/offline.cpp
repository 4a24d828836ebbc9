#include "cli/offline.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdio>
#include <utility>

#include "cli/answer.hpp"
#include "cli/text.hpp"
#include "journal/reader.hpp"
#include "policy/canonical.hpp"
#include "policy/reader.hpp"
#include "service/boot_clock.hpp"
#include "service/lineage.hpp"
#include "service/onlooker.hpp"

namespace trainstop::cli {

namespace {

/// No rules, and the accounts that the journal knows, each at whatever API it was.
policy::Config without_rules(std::vector<Image>& images) {
  policy::Config config;
  for (Image& image : images) {
    if (image.kind != Image::Kind::account) continue;
    policy::Account account;
    account.name = image.key;
    for (auto& [name, value] : image.body) {
      if (name == "url_hash") value = Value(policy::short_hash(account.base_url));
    }
    config.accounts.push_back(std::move(account));
  }
  return config;
}

policy::Config find_config(const std::string& file, std::vector<Image>& images,
                           std::string& problem) {
  policy::ReadResult read = policy::read_config_file(file);
  if (read.config) return std::move(*read.config);
  const auto error = std::ranges::find_if(read.problems, [](const policy::Problem& each) {
    return each.severity == policy::Problem::Severity::error;
  });
  problem = error == read.problems.end() ? "no configuration" : policy::format(*error);
  return without_rules(images);
}

journal::Outcome<Offline> look_into(const std::filesystem::path& directory,
                                    const std::string& config_file, Instant now) {
  auto reader = journal::open_reader(directory);
  if (!reader) return reader.error();
  auto present = (*reader)->present();
  if (!present) return present.error();
  std::vector<Image>& images = present->images;
  const Duration shift = service::last_utc_shift(images);
  const Instant line = saturating_add(std::max(now, present->last_utc), -shift);
  std::string problem;
  policy::Config config = find_config(config_file, images, problem);
  const Instant known_until = present->last_utc;
  return Offline{service::look_on(std::move(config), std::move(images), line, shift).core,
                 known_until, std::move(problem)};
}

}  // namespace

void add_source(CLI::App& command, Source& source) {
  add_socket(command, source.socket);
  command
      .add_option("--state-dir", source.state_dir,
                  "The state directory, whose journal answers when no daemon runs")
      ->type_name("DIR");
}

std::variant<Offline, int> open_offline(const Source& source, Instant now) {
  const auto directory = find_state_directory(source.where());
  auto opened = look_into(directory, source.socket.config, now);
  if (!opened) return journal_failed(opened.error(), directory);
  return std::move(*opened);
}

std::optional<Offline> find_offline(const Source& source, Instant now) {
  std::string unsaid;
  const auto directory = find_state_directory(source.where(), unsaid);
  auto opened = look_into(directory, source.socket.config, now);
  return opened ? std::optional(std::move(*opened)) : std::nullopt;
}

std::string away_note(const Asked& asked, const Offline& offline, Instant now) {
  std::string note = asked.message + "\nWhat follows is from the journal";
  if (offline.known_until != kLongAgo)
    note += fmt::format(", which knows what was at {} ({} ago)",
                        spell_time(offline.known_until, now), spell(now - offline.known_until));
  note += ". Nothing is stopped while no daemon runs.\n";
  if (!offline.problem.empty()) note += "No rule is known: " + plain(offline.problem) + '\n';
  return note;
}

std::variant<Answer, int> ask_either(
    const Source& source, const std::string& target,
    const std::function<Value::Object(const core::Core&)>& from_journal) {
  Asked asked = call(source.socket, "GET", target);
  if (asked.worked() && asked.body.is_object()) return Answer{std::move(asked.body.as_object())};
  if (!asked.away()) return failed(asked);
  const Instant now = service::BootClock::wall();
  auto offline = open_offline(source, now);
  if (std::holds_alternative<int>(offline)) {
    failed(asked);
    return kUnreachable;
  }
  const Offline& known = std::get<Offline>(offline);
  Answer answer{json_of(from_journal(known.core)), away_note(asked, known, now)};
  answer.body.erase("since");  // nothing has begun here
  return answer;
}

}  // namespace trainstop::cli
