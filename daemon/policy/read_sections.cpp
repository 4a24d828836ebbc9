// The small sections: poll, stop, billing, prices, safety, log.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "policy/sections.hpp"

namespace trainstop::policy {

namespace {

// $100,000 an hour for one node is a thousand times the dearest there is.
constexpr std::int64_t kMostDollarsAnHour = 100'000;

/// Takes over what could be read; what could not has been told.
template <class Target, class Value>
void set(Target& target, const std::optional<Value>& value) {
  if (!value) return;
  if constexpr (std::is_same_v<Target, int>) {
    target = static_cast<int>(*value);  // the table bounds it
  } else {
    target = *value;
  }
}

/// `H100x8`, `spot/H100x8`, `gpu-8xh100`: whether a text can name an instance type at all.
bool is_price_key(std::string_view key) {
  if (key.starts_with("spot/")) key.remove_prefix(5);
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == ':';
  });
}

std::optional<Money> read_price(Context& context, const Node& node) {
  const auto text = text_of(context, node, "a price");
  if (!text) return {};
  std::string error;
  auto price = parse_price(*text, error);
  if (price && *price == Money{}) {
    error = "a price of zero would make every job free, and no cost limit would be reached";
    price.reset();
  }
  if (price && *price > divide_half_even(Money::from_dollars(kMostDollarsAnHour), 60)) {
    error = "no node costs more than $100000 an hour";
    price.reset();
  }
  if (!price)
    context.problems.error(node.mark, fmt::format("the price is {}: {}", found_words(node), error));
  return price;
}

}  // namespace

std::map<std::string, Money> read_prices(Context& context, const Node& node) {
  std::map<std::string, Money> prices;
  if (!expect_map(context, node, "'prices'")) return prices;
  for (const Entry& entry : node.entries) {
    if (!is_price_key(entry.key.text)) {
      context.problems.error(
          entry.key.mark,
          fmt::format("{} is no instance type; expected its id or GPUxCOUNT, such as "
                      "'H100x8', with 'spot/' before it for spot jobs",
                      found_words(entry.key)));
    }
    if (entry.value.kind != Node::Kind::missing) {
      if (const auto price = read_price(context, entry.value)) {
        prices.emplace(entry.key.text, *price);
      }
    } else if (!entry.value.told) {
      context.problems.error(entry.key.mark, fmt::format("'{}' has no price", entry.key.text));
    }
  }
  return prices;
}

Config::Poll read_poll(Context& context, const Node& node) {
  const Fields fields(context, Section::poll, node);
  Config::Poll poll;
  set(poll.interval, fields.duration("interval"));
  set(poll.timeout, fields.duration("timeout"));
  set(poll.connections, fields.integer("connections"));
  set(poll.rate_limit, fields.integer("rate_limit"));
  return poll;
}

Config::Stop read_stop(Context& context, const Node& node) {
  const Fields fields(context, Section::stop, node);
  Config::Stop stop;
  set(stop.confirm_every, fields.duration("confirm_every"));
  set(stop.confirm_within, fields.duration("confirm_within"));
  set(stop.concurrency, fields.integer("concurrency"));
  set(stop.verify_timeout, fields.duration("verify_timeout"));
  if (stop.confirm_every > stop.confirm_within) {
    context.problems.error(
        fields.mark("confirm_every"),
        fmt::format("'confirm_every' ({}) must not be longer than 'confirm_within' ({})",
                    format_duration(stop.confirm_every), format_duration(stop.confirm_within)));
  }
  return stop;
}

std::optional<MaxStops> read_max_stops(Context& context, const Node& node) {
  const Fields fields(context, Section::max_stops, node);
  const auto count = fields.integer("count");
  const auto per = fields.duration("per");
  if (!count || !per) return {};
  return MaxStops{static_cast<int>(*count), *per};
}

BillingFrom read_billing(Context& context, const Node& node) {
  const Fields fields(context, Section::billing, node);
  const auto from =
      fields.choice("from", {BillingFrom::created, BillingFrom::deploying, BillingFrom::running});
  return from.value_or(BillingFrom::deploying);
}

Config::Journal read_journal(Context& context, const Node& node) {
  const Fields fields(context, Section::journal, node);
  Config::Journal journal;
  set(journal.keep, fields.duration("keep"));
  set(journal.keep_samples, fields.duration("keep_samples"));
  return journal;
}

Config::Safety read_safety(Context& context, const Node& node) {
  const Fields fields(context, Section::safety, node);
  Config::Safety safety;
  if (const Node* most = fields.find("max_stops")) {
    set(safety.max_stops, read_max_stops(context, *most));
  }
  set(safety.first_notice, fields.duration("first_notice"));
  set(safety.unreachable_after, fields.duration("unreachable_after"));
  if (const Node* exempt = fields.find("exempt")) {
    for (const Node* item : items_of(context, *exempt, "'exempt'")) {
      if (auto exemption = read_exemption(context, *item)) {
        safety.exempt.push_back(std::move(*exemption));
      }
    }
  }
  return safety;
}

Config::Log read_log(Context& context, const Node& node) {
  const Fields fields(context, Section::log, node);
  Config::Log log;
  set(log.level, fields.choice("level", {std::string("debug"), std::string("info"),
                                         std::string("warning"), std::string("error")}));
  set(log.format, fields.choice("format", {LogFormat::logfmt, LogFormat::json, LogFormat::text}));
  if (fields.has("file")) log.file = fields.text("file").value_or("");
  return log;
}

}  // namespace trainstop::policy
