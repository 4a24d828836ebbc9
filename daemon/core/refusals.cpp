// Calls that an account's key is refused for. Each answers for itself: a key that may list jobs
// need not be allowed to read prices, or to stop.
#include <array>
#include <utility>

#include "core/machine.hpp"

namespace trainstop::core {

std::string_view to_string(Call call) {
  constexpr std::array<std::string_view, 5> kNames{"list", "read", "stop", "prices", "projects"};
  return kNames.at(static_cast<std::size_t>(call));
}

void Core::Impl::refuse(Account& account, Call call, const Failure& failure) {
  Trouble& trouble = account.refused[call];
  if (!trouble.lasts()) trouble.since = now;
  // A key that may not even list is of no use: that says it all.
  if (call != Call::list && account.is_refused(Call::list)) return;
  if (now < saturating_add(trouble.told, kTellAgain)) return;
  trouble.told = now;
  const policy::Account& configured = config.accounts[account.index];
  tell("api.auth_failed", Level::error, "account " + configured.name + ": " + failure.message)
      .with("account", configured.name)
      .with("call", to_string(call))
      .with("since", utc(trouble.since));
}

/// When it was told is kept: a key that is refused for some jobs only is not told of with each.
std::optional<Instant> Core::Impl::end_refusal(Account& account, Call call) {
  if (!account.is_refused(call)) return {};
  Trouble& trouble = account.refused[call];
  const Instant since = std::exchange(trouble.since, kNever);
  return trouble.told < since ? std::nullopt : std::optional(since);
}

void Core::Impl::allow(Account& account, Call call) {
  const auto since = end_refusal(account, call);
  if (!since) return;
  const policy::Account& configured = config.accounts[account.index];
  tell("api.recovered", Level::info,
       "account " + configured.name + ": the key is no longer refused (" +
           std::string(to_string(call)) + ")")
      .with("account", configured.name)
      .with("call", to_string(call))
      .with("since", utc(*since));
}

/// Without a stop nothing shows any more whether the key may read and stop jobs.
void Core::Impl::lapse_refusals(Account& account) {
  for (const Call call : {Call::read, Call::stop}) end_refusal(account, call);
}

}  // namespace trainstop::core
