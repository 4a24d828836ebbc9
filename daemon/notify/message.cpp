#include "notify/message.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "log/escape.hpp"
#include "log/sink.hpp"
#include "notify/fields.hpp"
#include "notify/text.hpp"

namespace trainstop::notify {

namespace {

// What comes within this needs no word on when it was.
constexpr Duration kInTime = std::chrono::minutes(5);

std::string text_in_time(const Event& event, Instant utc) {
  if (utc - event.at <= kInTime) return text_of(event);
  return fmt::format("(From {}, delivered late.) {}", format_rfc3339(event.at), text_of(event));
}

/// A member of Slack (`U012ABCDE`) as Slack wants a mention; anything else is what it is.
std::string as_mention(const std::string& name) {
  const bool id = name.size() > 6 && (name[0] == 'U' || name[0] == 'W') &&
                  std::all_of(name.begin(), name.end(), [](char c) {
                    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
                  });
  return id ? "<@" + name + ">" : name;
}

/// The three characters by which Slack's markup begins; without them no text mentions anybody.
std::string without_markup(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c == '&') {
      plain += "&amp;";
    } else if (c == '<') {
      plain += "&lt;";
    } else if (c == '>') {
      plain += "&gt;";
    } else {
      plain += c;
    }
  }
  return plain;
}

std::string slack_body(const Event& event, const std::string& mention, Instant utc) {
  std::string text = mention.empty() ? "" : as_mention(mention) + " ";
  text += without_markup(text_in_time(event, utc));
  std::string body = R"({"text":)";
  log::append_quoted(body, text);
  return body + '}';
}

}  // namespace

std::string id_of(const Event& event, std::uint64_t number) {
  const auto at = std::chrono::floor<std::chrono::milliseconds>(event.at);
  return fmt::format("{}-{}", number, at.time_since_epoch().count());
}

Message message_of(const policy::NotifySink& sink, const Event& event, std::uint64_t number,
                   const std::map<std::string, std::string>& people, Instant utc) {
  Message message;
  message.id = id_of(event, number);
  message.event = event.name;
  const std::string mention = mention_of(event, people);
  if (sink.format == policy::NotifySink::Format::slack) {
    message.body = slack_body(event, mention, utc);
    return message;
  }
  std::string& body = message.body;
  body = R"({"v":1,"id":)";
  log::append_quoted(body, message.id);
  body += ",\"sink\":";
  log::append_quoted(body, sink.name);
  if (!mention.empty()) {
    body += ",\"mention\":";
    log::append_quoted(body, mention);
  }
  body += ",\"text\":";
  log::append_quoted(body, text_in_time(event, utc));
  body += ",\"event\":";
  body += log::format_line(event, number, log::Format::json);
  body += '}';
  return message;
}

std::string signature_of(std::string_view body, std::string_view key) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest.data(), &length);
  std::string hex;
  for (unsigned i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

Event test_event(Instant utc) {
  Event event;
  event.name = kTestEvent;
  event.level = Level::info;
  event.at = utc;
  event.message = "trainstop can reach this sink; nothing has happened";
  return event;
}

}  // namespace trainstop::notify
