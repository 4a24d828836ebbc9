// Accounts: where the API is, and where its key comes from.
#include <fmt/format.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "policy/sections.hpp"

namespace trainstop::policy {

namespace {

bool is_loopback(const boost::urls::url_view& url) {
  if (url.host_type() == boost::urls::host_type::ipv4) return url.host_ipv4_address().is_loopback();
  if (url.host_type() == boost::urls::host_type::ipv6) return url.host_ipv6_address().is_loopback();
  return url.host() == "localhost";
}

/// Whether host and port make up the whole authority of the URL's text. Boost.URL 1.81 takes
/// `127.0.0.1.example.com` for the address 127.0.0.1, and wraps a port beyond 65535.
bool is_whole(const boost::urls::url_view& url, std::string_view text) {
  std::string authority(url.encoded_host());
  if (url.has_userinfo()) return true;  // refused for its own reason
  std::string ignored;
  if (url.has_port()) {
    const std::string_view port(url.port().data(), url.port().size());
    const auto number = parse_integer(port, ignored);
    if (!number || *number < 1 || *number > 65535) return false;
    authority += fmt::format(":{}", port);
  }
  std::string_view rest = text.substr(text.find("://") + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  return rest == authority;
}

/// Why an URL can't be the API's base; empty when it can.
std::string url_fault(const boost::urls::url_view& url, std::string_view text) {
  const bool https = url.scheme_id() == boost::urls::scheme::https;
  if (!https && url.scheme_id() != boost::urls::scheme::http) return "the scheme must be https";
  if (url.host().empty()) return "it names no host";
  if (!is_whole(url, text)) return "its host or port is malformed";
  if (!https && !is_loopback(url))
    return "http without TLS is allowed only to this machine (127.0.0.1, ::1, localhost); use "
           "https";
  if (url.has_userinfo()) return "it must not hold a user or password; the key goes to 'api_key'";
  if (url.has_query()) return "it must not hold a query ('?')";
  if (url.has_fragment()) return "it must not hold a fragment ('#')";
  return {};
}

std::string read_base_url(Context& context, const Fields& fields) {
  const auto text = fields.text("base_url");
  if (!text) return {};
  const auto url = boost::urls::parse_uri(*text);
  const Node* node = fields.find("base_url");
  const std::string fault =
      url ? url_fault(*url, *text) : "expected one such as https://api.baseten.co";
  if (!fault.empty()) {
    context.problems.error(node == nullptr ? fields.map().mark : node->mark,
                           fmt::format("'base_url' can't be used: {}", fault));
    return {};
  }
  std::string base = *text;
  while (base.ends_with('/')) base.pop_back();
  return base;
}

}  // namespace

std::optional<Account> read_account(Context& context, const Node& node) {
  const Fields fields(context, Section::account, node);
  if (node.kind != Node::Kind::map) return {};
  Account account;
  account.name = read_name(context, fields).value_or("");
  account.base_url = read_base_url(context, fields);
  if (const Node* secret = fields.find("api_key")) {
    account.api_key = read_secret(context, *secret).value_or(SecretSource{});
  }
  account.auth_scheme = fields.choice("auth_scheme", {AuthScheme::api_key, AuthScheme::bearer})
                            .value_or(account.auth_scheme);
  if (fields.has("ca_file")) account.ca_file = fields.text("ca_file").value_or("");
  if (const Node* projects = fields.find("projects")) {
    account.projects = read_globs(context, *projects, "projects");
  }
  return account;
}

}  // namespace trainstop::policy
