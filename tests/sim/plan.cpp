// What the faults make of a reply as a whole, and the head of a reply.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/api.hpp"
#include "sim/call.hpp"
#include "sim/mangle.hpp"
#include "sim/render.hpp"

namespace trainstop::sim {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::string_view reason_of(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 302:
      return "Found";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 409:
      return "Conflict";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

long seconds_of(Duration duration, long otherwise) {
  return duration.count() == 0 ? otherwise : duration_cast<seconds>(duration).count();
}

/// So many bytes at once that an endless reply is limited by the client, not by the number of
/// writes.
constexpr std::size_t kBlock = 65536;

std::string endless_record(const std::string& record, std::uint64_t number) {
  return fmt::format("{{\"id\":\"endless{}\"", number) + record.substr(record.find(','));
}

/// Goes on where a list's body ends, with copies of a record under new ids; for other bodies with
/// spaces.
std::function<std::string(std::uint64_t)> endless_list(std::string body, std::string record) {
  return [body = std::move(body), record = std::move(record)](std::uint64_t number) {
    if (number == 0) return body;
    if (record.empty()) return std::string(kBlock, ' ');
    std::string block;
    for (std::uint64_t i = 0; block.size() < kBlock; ++i) {
      block += ',' + endless_record(record, number * 1000 + i);
    }
    return block;
  };
}

std::string or_else(const std::string& text, std::string_view otherwise) {
  return text.empty() ? std::string(otherwise) : text;
}

}  // namespace

std::string Api::head(const Draft& draft, const Call& call, bool close, Moment now) const {
  std::string head = fmt::format("HTTP/1.1 {} {}\r\n", draft.status, reason_of(draft.status));
  if (call.date) {
    const auto date = now.wall + world.settings().clock_offset + call.date_offset;
    head += "Date: " + render_http_date(date) + "\r\n";
  }
  head += "Server: sim\r\n";
  if (!draft.content_type.empty()) head += "Content-Type: " + draft.content_type + "\r\n";
  head += draft.more_headers;
  if (draft.sized) head += fmt::format("Content-Length: {}\r\n", draft.body->size());
  if (close || !draft.sized) head += "Connection: close\r\n";
  return head + "\r\n";
}

/// The reply that the fault makes of `draft`, which the endpoint gave.
Draft Api::deciding_fault(Call& call, const Fault& fault, Draft draft, Plan& plan) const {
  set_manner(fault, plan);
  switch (fault.kind) {
    case FaultKind::status:
      return plain_draft(
          fault.status,
          !fault.body.empty() && fault.body.front() == '{' ? "application/json" : "text/html",
          or_else(fault.body, kHtml));
    case FaultKind::garbage_body:
      return plain_draft(200, "application/json", or_else(fault.body, kHtml));
    case FaultKind::empty_body:
      return plain_draft(200, "application/json", "");
    case FaultKind::redirect:
      draft = plain_draft(302, "text/html", "");
      draft.more_headers =
          "Location: " + or_else(fault.body, "https://other.example/v1/users/me") + "\r\n";
      return draft;
    case FaultKind::not_found:
      return error(404, "NOT_FOUND", "Training job not found");
    case FaultKind::rate_limited_body:
      return plain_draft(429, "application/json",
                         fmt::format(R"({{"error":"Rate limit exceeded","retry_after":{}}})",
                                     seconds_of(fault.duration, 1)));
    case FaultKind::rate_limited_header:
      draft = plain_draft(429, "text/plain", "Too many requests\n");
      draft.more_headers = fmt::format("Retry-After: {}\r\n", seconds_of(fault.duration, 1));
      return draft;
    case FaultKind::truncate_unsized:
    case FaultKind::truncate_rude:
      draft.sized = false;
      return draft;
    case FaultKind::oversize:
    case FaultKind::endless_list:
    case FaultKind::endless_header:
      draft.sized = false;
      set_block(fault, *draft.body, plan);
      return draft;
    default:
      if (call.route.endpoint != Endpoint::stop || draft.status == 200) {
        draft.body = std::make_shared<const std::string>(mangle_body(fault, *draft.body));
      }
      return draft;
  }
}

void Api::set_block(const Fault& fault, const std::string& body, Plan& plan) const {
  if (fault.kind == FaultKind::endless_header) {
    plan.block = [](std::uint64_t number) {
      return fmt::format("X-Filler-{}: {}\r\n", number, std::string(1000, 'x'));
    };
  } else if (fault.kind == FaultKind::oversize) {
    plan.block = [](std::uint64_t number) {
      return number == 0 ? R"({"padding":")" : std::string(kBlock, 'x');
    };
  } else {
    const bool list = body.ends_with("}]}");
    const auto record = body.find(R"({"id":)");
    const std::string first =
        list ? body.substr(record, body.find("},{\"id\":", record) + 1 - record) : std::string();
    const std::size_t open_end = list ? 2 : 1;
    plan.block = endless_list(body.substr(0, body.size() - std::min(open_end, body.size())),
                              first.ends_with("}]}") ? first.substr(0, first.size() - 2) : first);
  }
}

void Api::set_manner(const Fault& fault, Plan& plan) const {
  switch (fault.kind) {
    case FaultKind::reset_before:
    case FaultKind::reset_after:
      plan.manner = Manner::reset;
      break;
    case FaultKind::hang:
      plan.manner = Manner::hang;
      break;
    case FaultKind::hang_midway:
      plan.manner = Manner::half_and_hang;
      break;
    case FaultKind::truncate:
    case FaultKind::truncate_unsized:
      plan.manner = Manner::half_and_close;
      break;
    case FaultKind::truncate_rude:
      plan.manner = Manner::half_and_cut;
      break;
    case FaultKind::drip:
      plan.manner = Manner::drip;
      plan.pace = fault.duration.count() == 0 ? Duration(milliseconds(200)) : fault.duration;
      plan.step = static_cast<std::size_t>(std::max(1, fault.bytes));
      break;
    case FaultKind::oversize:
    case FaultKind::endless_list:
    case FaultKind::endless_header:
      plan.manner = Manner::endless;
      break;
    default:
      break;
  }
}

void Api::colour(const Fault& fault, Call& call, Draft& draft, Plan& plan) const {
  switch (fault.kind) {
    case FaultKind::delay:
      plan.delay += fault.duration;
      break;
    case FaultKind::age:
      draft.more_headers += fmt::format("Age: {}\r\n", seconds_of(fault.duration, 3600));
      call.date_offset -= fault.duration.count() == 0 ? Duration(seconds(3600)) : fault.duration;
      break;
    case FaultKind::continue_first:
      plan.continue_first = true;
      break;
    case FaultKind::date_offset:
      call.date_offset += fault.duration;
      break;
    case FaultKind::no_date:
      call.date = false;
      break;
    case FaultKind::close_announced:
      call.close_told = true;
      plan.close = true;
      break;
    case FaultKind::close_silent:
      plan.close = true;
      break;
    case FaultKind::close_after_idle:
      plan.idle_limit = fault.duration;
      break;
    default:
      break;
  }
}

}  // namespace trainstop::sim
