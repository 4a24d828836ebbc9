// Closes an open breaker while no daemon runs, and lets what it held leave when one is started
// again.
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <variant>

#include "cli/breaker.hpp"
#include "cli/text.hpp"
#include "cli/where.hpp"
#include "core/reset.hpp"
#include "service/boot_clock.hpp"
#include "service/lineage.hpp"
#include "service/state.hpp"

namespace trainstop::cli {

namespace {

/// A state directory that is ours, and what its journal knows.
struct Taken {
  Taken(service::DirectoryLock held, std::unique_ptr<journal::Store> opened,
        journal::Present loaded)
      : lock(std::move(held)), store(std::move(opened)), present(std::move(loaded)) {}

  service::DirectoryLock lock;  ///< outlives the store
  std::unique_ptr<journal::Store> store;
  journal::Present present;
};

/// Or, after saying why on stderr, the exit code.
std::variant<std::unique_ptr<Taken>, int> take(const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / journal::kFileName;
  // Looked at before the directory is taken, which would make one.
  if (const int denied = access_error(directory, Access::write); denied != 0) {
    return journal_failed({journal::Error::Kind::unwritable,
                           file.string() + ": " + std::generic_category().message(denied)},
                          directory, Access::write);
  }
  std::string held_by;
  auto lock = service::take_directory(directory, held_by);
  if (!lock && !held_by.empty()) {
    fmt::print(stderr, "{}: stop the daemon first (process {})\n", directory.string(), held_by);
    return kFailed;
  }
  if (!lock) {
    fmt::print(stderr, "{}\n", lock.error().message);
    return kFailed;
  }
  auto store = journal::open_store(directory);
  if (!store) return journal_failed(store.error(), directory, Access::write);
  auto present = (*store)->load();
  if (!present) return journal_failed(present.error(), directory, Access::write);
  return std::make_unique<Taken>(std::move(*lock), std::move(*store), std::move(*present));
}

void show(const core::OpenBreaker& breaker, Duration shift) {
  const auto time = [&](Instant line) { return format_rfc3339(saturating_add(line, shift)); };
  fmt::print("The breaker is open{}: {}.\n",
             breaker.since == kNever ? "" : " since " + time(breaker.since),
             breaker.of_rule ? "more stops of one rule were due together than its max_stops allows"
                             : words_of_breaker(breaker.reason));
  if (!breaker.rules.empty())
    fmt::print("Rules whose own breaker is open: {}.\n",
               plain(fmt::format("{}", fmt::join(breaker.rules, ", "))));
  fmt::print("It holds {} stop{}{}\n", breaker.held.size(), breaker.held.size() == 1 ? "" : "s",
             breaker.held.empty() ? "." : ":");
  for (const core::HeldStop& stop : breaker.held) {
    fmt::print("  {}{}, rule {}{}\n", plain(stop.key),
               stop.job_name.empty() ? "" : " (" + plain(stop.job_name) + ")", plain(stop.rule),
               stop.due == kNever ? "" : ", due " + time(stop.due));
  }
}

std::string question_of(const core::OpenBreaker& breaker) {
  return fmt::format(
      "Close the breaker{}?",
      breaker.held.empty() ? "" : " and stop those that are still due when the daemon is started");
}

/// Who sits there, also behind sudo.
std::string user() {
  if (const char* const name = ::getlogin()) return name;
  if (const passwd* const entry = ::getpwuid(::getuid())) return entry->pw_name;
  return fmt::format("uid {}", ::getuid());
}

int write(Taken& taken, const core::OpenBreaker& breaker, const Hand& hand,
          const std::filesystem::path& directory) {
  const journal::Present& present = taken.present;
  const Instant utc = service::BootClock::wall();
  journal::Batch batch;
  batch.first_seq = present.last_seq + 1;
  batch.events = {core::breaker_reset(breaker, utc, service::last_utc_shift(present.images), user(),
                                      hand.reason)};
  batch.images = core::reset_breaker(present.images);
  // What the journal knows of the time comes from a daemon, which has more than this machine's
  // clock to go by.
  batch.utc = present.last_utc == kLongAgo ? utc : present.last_utc;
  if (const auto written = taken.store->write({&batch, 1}); !written)
    return journal_failed(written.error(), directory, Access::write);
  say(hand,
      breaker.held.empty()
          ? "The breaker is closed. Start the daemon again."
          : "The breaker is closed. Start the daemon: what it held leaves if it is still due.");
  return kDone;
}

}  // namespace

std::string words_of_breaker(const std::string& reason) {
  if (reason == "max_stops") return "more stops were due together than safety.max_stops allows";
  if (reason == "surprise") return "more than half of the live jobs fell due unforeseen";
  if (reason == "journal_lost") return "the journal could not be read at a start";
  return reason;
}

int reset_offline(const Where& where, const Hand& hand) {
  const auto directory = find_state_directory(where);
  auto first = take(directory);
  if (const int* const failed = std::get_if<int>(&first)) return *failed;
  auto& taken = std::get<std::unique_ptr<Taken>>(first);
  const auto breaker = core::find_open_breaker(taken->present.images);
  if (!breaker) {
    say(hand, "The breaker is not open: there is nothing to reset.");
    return kDone;
  }
  show_first(hand, [&] { show(*breaker, service::last_utc_shift(taken->present.images)); });
  if (!is_asked(hand)) return write(*taken, *breaker, hand, directory);
  taken.reset();  // a daemon that starts must not have to wait for the answer
  if (const auto code = disagreed(hand, question_of(*breaker))) return *code;
  auto second = take(directory);
  if (const int* const failed = std::get_if<int>(&second)) return *failed;
  auto& again = std::get<std::unique_ptr<Taken>>(second);
  if (core::find_open_breaker(again->present.images) != breaker) {
    fmt::print(stderr, "a daemon ran meanwhile and what is held has changed: look again\n");
    return kFailed;
  }
  return write(*again, *breaker, hand, directory);
}

}  // namespace trainstop::cli
