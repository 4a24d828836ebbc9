// The small sections: poll, stop, billing, prices, safety, control, log.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "policy/sections.hpp"

namespace trainstop::policy {

namespace {

// $100,000 an hour for one node is a thousand times the dearest there is.
constexpr std::int64_t kMostDollarsAnHour = 100'000;
constexpr std::size_t kLongestSocket = 107;  // sockaddr_un holds 108 bytes with the zero

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

std::optional<Freeze> read_freeze(Context& context, const Node& node) {
  const Fields fields(context, Section::freeze, node);
  if (node.kind != Node::Kind::map) return {};
  Freeze freeze;
  auto during = read_schedule(context, fields, "during",
                              "every stop would be held for ever; that is 'mode: observe', or of "
                              "some jobs an exemption");
  if (const Node* match = fields.find("match")) freeze.match = read_selector(context, *match);
  if (!during) return {};
  freeze.during = std::move(*during);
  return freeze;
}

/// Four octal digits that give others nothing, and let the owner connect.
std::optional<int> parse_socket_mode(std::string_view text) {
  const bool octal = text.size() == 4 && std::all_of(text.begin(), text.end(),
                                                     [](char c) { return c >= '0' && c <= '7'; });
  if (!octal) return {};
  int mode = 0;
  for (const char digit : text) mode = mode * 8 + (digit - '0');
  if (mode > 0777 || (mode & 0600) != 0600) return {};
  return mode;
}

void read_socket_mode(Context& context, const Fields& fields, int& target) {
  const Node* node = fields.find("mode");
  const auto text = fields.text("mode");
  if (!text || node == nullptr) return;
  const auto mode = parse_socket_mode(*text);
  if (!mode) {
    context.problems.error(
        node->mark, fmt::format("'mode' is {}; expected four octal digits from 0600 to 0770, such "
                                "as \"0660\"",
                                found_words(*node)));
  } else if ((*mode & 07) != 0) {
    context.problems.error(
        node->mark, fmt::format("'mode' is {}: it lets everybody on this machine stop jobs; the "
                                "last digit must be 0, and 'group' says who else may",
                                found_words(*node)));
  } else {
    target = *mode;
  }
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
  if (const Node* freezes = fields.find("freeze")) {
    for (const Node* item : items_of(context, *freezes, "'freeze'")) {
      if (auto freeze = read_freeze(context, *item)) safety.freeze.push_back(std::move(*freeze));
    }
  }
  return safety;
}

Config::Control read_control(Context& context, const Node& node) {
  const Fields fields(context, Section::control, node);
  Config::Control control;
  if (const auto socket = fields.text("socket")) {
    if (!socket->starts_with('/') || socket->size() > kLongestSocket) {
      context.problems.error(
          fields.mark("socket"),
          fmt::format("'socket' must be an absolute path of at most {} characters",
                      kLongestSocket));
    }
    control.socket = *socket;
  }
  if (fields.has("group")) control.group = fields.text("group");
  read_socket_mode(context, fields, control.mode);
  return control;
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
