import pytest

from traces.redact import Cleaner

CLEAN = Cleaner()

SECRETS = [
    ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "AWS_SECRET_ACCESS_KEY=[redacted]"),
    ("export DB_PASSWORD=hunter2\n", "export DB_PASSWORD=[redacted]\n"),
    ("MYSQL_ROOT_PASSWORD='tr0ub4dor'", "MYSQL_ROOT_PASSWORD='[redacted]'"),
    (r"A=1\nCLIENT_SECRET=abcdefgh\nB=2", r"A=1\nCLIENT_SECRET=[redacted]\nB=2"),
    ("\x1b[33mAPI_KEY=a1b2c3d4\x1b[0m", "\x1b[33mAPI_KEY=[redacted]\x1b[0m"),
    ("docker run -e MY_SECRET_VALUE=geheim-0001 image", "docker run -e MY_SECRET_VALUE=[redacted] image"),
    ("GITHUB_TOKEN=0123456789abcdef", "GITHUB_TOKEN=[redacted]"),
    ('password = "hunter2"', 'password = "[redacted]"'),
    ("password: hunter2\nuser: me", "password: [redacted]\nuser: me"),
    ('{"client_secret": "abc123def456", "a": 1}', '{"client_secret": "[redacted]", "a": 1}'),
    (r"{\"apiKey\":\"abc123def456\"}", r"{\"apiKey\":\"[redacted]\"}"),
    ('os.environ["API_KEY"] = "abc123def456"', 'os.environ["API_KEY"] = "[redacted]"'),
    ('API_KEY: str = "abc123def456"', 'API_KEY: str = "[redacted]"'),
    ("<password>hunter2</password>", "<password>[redacted]</password>"),
    ("mysql -u root --password=hunter2 db", "mysql -u root --password=[redacted] db"),
    ("tool --api-key abc123def456 run", "tool --api-key [redacted] run"),
    ("curl -H 'x-api-key: abc123def456'", "curl -H 'x-api-key: [redacted]'"),
    ("Authorization: Basic dXNlcjpodW50ZXIy", "Authorization: Basic [redacted]"),
    ("authorization: bearer abc", "authorization: bearer [redacted]"),
    ('"Authorization": "token 0123456789abcdef"', '"Authorization": "token [redacted]"'),
    ("Set-Cookie: sid=31d4d96e407aad42; Path=/", "Set-Cookie: [redacted]"),
    ("grant_type=refresh&refresh_token=abc123def456&x=1", "grant_type=refresh&refresh_token=[redacted]&x=1"),
    ("postgres://me:p4ss@host/db", "postgres://[redacted]@host/db"),
    ("postgres://me:p@ss@host/db", "postgres://[redacted]@host/db"),
    ("redis://:p4ss@host", "redis://[redacted]@host"),
    ("https://0123456789abcdef0123@host/1", "https://[redacted]@host/1"),
    ("see https://h/p?token=abc#top", "see https://h/p?token=[redacted]#top"),
    ("https://h/p?a=b&access_token=abcdef&c=d", "https://h/p?a=b&access_token=[redacted]&c=d"),
    ("https://h/p?a=b&amp;key=abcdef0123456789", "https://h/p?a=b&amp;key=[redacted]"),
    ("https://h/p?X-Amz-Signature=0123abcd", "https://h/p?X-Amz-Signature=[redacted]"),
    ("PGPASSWORD=hunter2 psql", "PGPASSWORD=[redacted] psql"),
    ("MYSQL_PWD=hunter2! mysql", "MYSQL_PWD=[redacted] mysql"),
    ("DB_PASS=hunter2", "DB_PASS=[redacted]"),
    ("http:\\/\\/me:hunter2@h\\/p", "http:\\/\\/[redacted]@h\\/p"),
    ("?next=https%3A%2F%2Fme%3Ahunter2%40h%2Fp", "?next=https%3A%2F%2F[redacted]%40h%2Fp"),
]

KEY = "9f2c4e8a1b7d3f60c5a2e8d4b9176f3a"

AROUND = [
    # Languages and configurations.
    *(
        'var acmeToken string = "{}"',
        'const ACME_TOKEN: &str = "{}";',
        'acmeToken?: string = "{}"',
        "acme_token = [[{}]]",
    ),
    *('ACME_TOKEN ?= "{}"', 'ACME_TOKEN ::= "{}"', '$acmeToken ??= "{}"', '$acmeToken .= "{}"', 'ACME_TOKEN += "{}"'),
    *(
        'acme_token = f"{}"',
        'acme_token = b"{}"',
        "acme_token = r'{}'",
        'char acme_token[40] = "{}";',
        'acmeToken = @"{}"',
    ),
    *('#define ACME_TOKEN "{}"', ':acme-token "{}"', 'std::string acme_token{{"{}"}};', "ALTER ROLE me PASSWORD '{}'"),
    *('config.put("acmeToken","{}")', "os.environ.setdefault('ACME_TOKEN', '{}')", "(b'x-api-key', b'{}')"),
    *(
        'if acme_token == "{}":',
        'acmeToken !== "{}"',
        "api.key={}",
        "_auth={}",
        "Server=h;Uid=me;Pwd={};",
        "GITHUB_PAT={}",
    ),
    *("acme_token: |\n  {}\n", "acme_token: >-\n    {}", "<acmeToken>\n  {}\n</acmeToken>"),
    *('<add key="ClearTextPassword" value="{}"/>', "<key>ACME_TOKEN</key>\n<string>{}</string>"),
    *(
        '{{"name": "ACME_TOKEN", "value": "{}"}}',
        "- name: ACME_TOKEN\n  value: {}\n",
        '{{\\"Key\\":\\"TOKEN\\",\\"Value\\":\\"{}\\"}}',
    ),
    *("machine h\n  login me\n  password {}\n", "machine h login me password {}", 'name="api_key"\r\n\r\n{}\r\n--x'),
    # Commands.
    *(
        "set -x ACME_TOKEN {}",
        "setenv ACME_TOKEN {}",
        "ENV ACME_TOKEN {}",
        "aws configure set aws_secret_access_key {}",
    ),
    *('["--token", "{}"]', "npm config set //r/:_authToken {}", "tool -Password {} -v", "gpg --passphrase {}"),
    *("curl -su me:{} https://h", "curl --user 'me:{}' h", "mysql -u root -p{} db", "sshpass -p '{}' ssh h"),
    *("docker login -u me -p {} h", "redis-cli -h h -a {} ping", "openssl rsa -passin pass:{} -in k"),
    *("echo {} | docker login --password-stdin", "echo '{}' | gh auth login --with-token", "echo me:{} | chpasswd"),
    *("CREATE USER me IDENTIFIED BY '{}'", "Authorization: Key {}", "Authorization: Bot {}"),
    # Texts.
    *("**API key:** `{}`", "| API_KEY | {} |", "My API key is {}, thanks.", "ACME_TOKEN        {}\n"),
    # Escapes.
    *(r"{{\u0022acme_token\u0022:\u0022{}\u0022}}", "%7B%22acme_token%22%3A%22{}%22%7D", "acme_token=&quot;{}&quot;"),
    *(
        "&#34;acme_token&#34;: &#34;{}&#34;",
        r"{{\\\"acme_token\\\": \\\"{}\\\"}}",
        r"{{\x22acme_token\x22: \x22{}\x22}}",
    ),
    *(
        "\x1b[36macme_token\x1b[0m=\x1b[32m{}\x1b[0m",
        '\x1b[34;1m"acme_token"\x1b[0m\x1b[1m:\x1b[0m \x1b[32m"{}"\x1b[0m',
    ),
]


@pytest.mark.parametrize("around", AROUND)
def test_a_value_vanishes_however_its_name_is_joined_to_it(around: str) -> None:
    assert CLEAN.text(around.format(KEY)) == around.format("[redacted]")


@pytest.mark.parametrize(("text", "clean"), SECRETS)
def test_a_value_behind_a_secrets_name_vanishes_and_nothing_else(text: str, clean: str) -> None:
    assert CLEAN.text(text) == clean
    assert CLEAN.text(clean) == clean


HARMLESS = [
    'password = request.form["password"]',
    "password = get_password(user)",
    "password: str = Field(min_length=8)",
    'PASSWORD = os.environ["PASSWORD"]',
    "API_KEY=$API_KEY",
    "API_KEY=${API_KEY:-none}",
    "TOKEN=$(cat token.txt)",
    "TOKEN=<your token>",
    "API_KEY=your-api-key-here",
    'api_key = "your-key"',
    "MAX_TOKENS=4096",
    "max_tokens=4096",
    "TOKENIZERS_PARALLELISM=false",
    "CLAUDE_CODE_MAX_OUTPUT_TOKENS=32000",
    "PASSWORD_MIN_LENGTH=12",
    "SECRET_NAME=my-application",
    "SSH_KEY_PATH=/home/me/.ssh/id_ed25519",
    "PASSWORD_FILE=/run/secrets/password",
    "token: required",
    "The password: it must have eight characters.",
    '{"type": "object", "properties": {"password": {"type": "string"}}}',
    '{"password": "string"}',
    '<input type="password" name="password">',
    "if password == 'x' or token != last_token:",
    "secret = self.client.secret_manager.fetch()",
    "const token = response.data.accessToken;",
    "token = tokens[index + 1]",
    "this.apiKey = options.apiKey",
    'headers["Authorization"] = f"Bearer {token}"',
    "Authorization: Bearer $TOKEN",
    "Authorization: Bearer <token>",
    "signature: EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds",
    "ssh://git@github.com/owner/name.git",
    "https://host/path?page=2&sort=key&max_tokens=5",
    "https://host/search?q=token",
    "https://${USER}:${PASSWORD}@host/",
    "key: value",
    "the primary_key=user_id and sort_key=created_at",
    "cache_key: 9f86d081884c7d659a2feaa0c55ad015",
    "next_page_token: CAUQAA0123456789abcdef",
    "secrets: sha256, token: oauth2",
    "cookies: accept them",
    "mkdir -p /tmp/a && docker login -u me -p $PASSWORD && mysql -p$PASSWORD db",
    'curl -u "$USER:$TOKEN" https://h && curl -u me:<password> h',
    "echo $TOKEN | docker login --password-stdin",
    'for key in keys: print("the key", key)',
    "        key = 9f2c4e8a1b7d3f60c5a2e8d4b9176f3a",
    "raise ValueError(\"Invalid token 'abc-123'\")",
    'get_secret("my-first-secret")',
    "| token | a text of the model |",
    "the token is 1024 wide",
    '["password", "username1"]',
    "password_pattern = r'(?:key|pwd|password1)'",
    '{"name": "token", "value": "the first one"}',
    "PWD=/home/me/project OLDPWD=/home/me",
    "set token to 1 and export keys",
    "3 tests pass: test_a1, test_b2",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_code_and_prose_that_only_name_secrets_stay(text: str) -> None:
    assert CLEAN.text(text) == text
