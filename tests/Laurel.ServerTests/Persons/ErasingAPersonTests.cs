using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Dapper;
using Laurel.ServerTests.Backups;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.SigningIn;
using Laurel.ServerTests.Webhooks;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Persons;

/// <summary>E11: somebody leaves, and is found nowhere any more: not in the bytes of the database file, in no row, log, export, cache, event or delivery. What is
/// looked for is found before, so that a search that finds nothing is known to search.</summary>
public sealed class ErasingAPersonTests(DatabaseServers cluster)
{
    /// <summary>The host's own, and no personal data: it stays in events and stored replies until their age.</summary>
    private const string ExternalId = "canary-7731-external";

    /// <summary>Tables whose bodies are compressed.</summary>
    private static readonly string[] s_compressed = ["event_batches", "audit_batches"];

    private static readonly string[] s_keepExternalIds = ["event_batches", "replies"];

    /// <summary>What is said of the person, each only here.</summary>
    private static readonly Dictionary<string, string> s_person = new()
    {
        ["phone"] = "13977310042",
        ["email"] = "canary.7731@example.org",
        ["nickname"] = "柳芽儿七七三一",
        ["real name"] = "欧阳柳芽",
        ["birthday"] = "1987-06-05",
        ["identity card"] = "11010119870605773X",
        ["address"] = "漕溪北路七千七百三十一弄",
        ["consignee"] = "司徒柳芽",
        ["origin"] = "canary-7731-till",
        ["user name"] = "canary7731user",
        ["user agent"] = "Canary7731Browser/1.0",
        ["note"] = "canary-7731-note",
        ["device"] = "canary-7731-phone",
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [Trait("Attack", "E11")]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task IsFoundNowhere_When_ThePersonHasLeft(DatabaseUnderTest database)
    {
        var cacheFolder = Directory.CreateTempSubdirectory("laurel-dump-");
        await using var redis = await RedisServer.StartAsync(Cancellation, "--dir", cacheFolder.FullName, "--rdbcompression", "no");
        await using var receiver = await Receiver.StartAsync();
        await using var site = (await LaurelSite.CreateAsync(database, cluster, Cancellation)).AllowLoopback();
        site.Environment["REDIS_URL"] = redis.Url;
        (site.Environment["Jobs__cancellations"], site.Environment["Jobs__files"]) = ("1", "1");
        site.Environment["LAUREL_LOG_LEVEL"] = "trace";
        site.Environment["LAUREL_LOG_FILES"] = "on";
        site.Environment["LAUREL_SLOW_QUERY_MS"] = "0";
        string console;
        Keys keys;
        string[] members;
        List<string> pictures = [];
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            var hook = await server.HookAsync(receiver.Address + "/hook");
            await PrepareAsync(server);
            members = [await EnrolAsync(server), await SignUpAsync(server)];
            foreach (var member in members)
            {
                await TellAsync(server, member);
                pictures.Add(await PictureAsync(server, member));
            }

            Directory.GetFiles(FilesOf(site), "*", SearchOption.AllDirectories).Select(Path.GetFileName).ShouldBe(pictures, ignoreOrder: true);

            keys = await Keys.OfAsync(site, members);

            // In the open stand the nickname, and what only the server is told of who signs in; all else is sealed from the first moment on.
            var before = await RowsAsync(site);
            Found(before, keys).ShouldBe(["data key", "device", "keyed hash", "nickname", "user name"], ignoreOrder: true);
            await LeaveAsync(server, members);
            await Waiting.UntilAsync(
                () => receiver.At("/hook").Count(one => one.Type.EndsWith("status.changed", StringComparison.Ordinal)) >= 2, "the webhooks", Cancellation);
            receiver.All.SelectMany(one => Found(one.Body, keys)).ShouldBeEmpty("a delivery names the person");
            await ReadAgainAsync(server, members);
            await Waiting.UntilAsync(() => Directory.GetFiles(FilesOf(site), "*", SearchOption.AllDirectories).Length == 0, "the pictures go", Cancellation);
            await redis.CommandAsync(Cancellation, "SAVE");
            server.Process.AskToEnd();
            await server.Process.ExitedAsync(Cancellation);
            console = server.Process.Output + server.Process.Errors;
            hook.Id.ShouldNotBeNull();
        }

        Found(await RowsAsync(site), keys).ShouldBeEmpty("a row names the person");
        var rows = await RowsAsync(site);
        pictures.Where(picture => Search.Finds(rows, picture)).ShouldBeEmpty("a row names the picture");
        Directory.GetFiles(FilesOf(site), "*", SearchOption.AllDirectories).ShouldBeEmpty("the picture is there");
        Found(Encoding.UTF8.GetBytes(console), keys).ShouldBeEmpty("the console names the person");
        await ExportAsync(site);
        Directory.GetFiles(site.DataFolder, "*", SearchOption.AllDirectories).ShouldContain(file => Path.GetFileName(file) == "members.csv");
        foreach (var file in Directory.GetFiles(site.DataFolder, "*", SearchOption.AllDirectories).Concat(Directory.GetFiles(cacheFolder.FullName)))
        {
            var bytes = await File.ReadAllBytesAsync(file, Cancellation);
            Found(bytes, keys).ShouldBeEmpty(file + " names the person");
            pictures.Where(picture => Search.Finds(bytes, picture)).ShouldBeEmpty(file + " names the picture");
        }

        await OnlyWhereItMayBeAsync(site);
        await site.VerifyAsync(Cancellation);
        await ComesAgainAsync(site, members);
        cacheFolder.Delete(recursive: true);
    }

    private static async Task PrepareAsync(LaurelServer server)
    {
        var programme = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>((await server.GetAsync("/api/programme")).Text)!;
        programme["cancellation"] = JsonDocument.Parse("""{"coolingOffDays":0}""").RootElement;
        programme["profile"] = JsonDocument.Parse("""{"attributes":[{"code":"card","nameEnglish":"Card","nameChinese":"证件","type":"text"}]}""").RootElement;
        (await SendAsync(server, HttpMethod.Put, "/api/programme", programme)).Outcome.ShouldBe("200");
    }

    private static async Task<string> EnrolAsync(LaurelServer server)
    {
        var file = $"externalId,nickname,phone,email\n{ExternalId},{s_person["nickname"]},{s_person["phone"]},{s_person["email"]}\n";
        var made = await server.SendAsync(LaurelServer.Request(HttpMethod.Post, "/api/members/import", Encoding.UTF8.GetBytes(file), "text/csv"));
        made.NumberOf("created").ShouldBe(1, made.Text);
        return (await server.GetAsync("/api/members?externalId=" + ExternalId)).Json.GetProperty("items")[0].GetProperty("id").GetString()!;
    }

    private static async Task<string> SignUpAsync(LaurelServer server)
    {
        var request = LaurelServer.Request(
            HttpMethod.Post,
            "/api/auth/register",
            JsonSerializer.SerializeToUtf8Bytes(new { username = s_person["user name"], password = SignInCalls.Password, device = s_person["device"] }),
            LaurelServer.Json);
        request.Headers.TryAddWithoutValidation("User-Agent", s_person["user agent"]);
        return SignedInPerson.Of(await server.SendAsync(request)).Id;
    }

    /// <summary>Everything a member can say of itself; then it is read in every way there is.</summary>
    private static async Task TellAsync(LaurelServer server, string member)
    {
        var path = $"/api/members/{member}";
        var told = await SendAsync(server, HttpMethod.Put, path, new
        {
            nickname = s_person["nickname"],
            phone = s_person["phone"],
            email = s_person["email"],
            realName = s_person["real name"],
            birthday = s_person["birthday"],
            attributes = new { card = s_person["identity card"] },
        });
        told.Status.ShouldBe(200, told.Text);
        (await server.PostAsync(path + "/consents", new { purpose = "marketing_sms", textVersion = "7", given = true, origin = s_person["origin"] })).Status.ShouldBe(201);
        var home = new { name = s_person["consignee"], phone = s_person["phone"], province = "上海市", city = "上海市", district = "徐汇区", address = s_person["address"] };
        (await server.PostAsync($"/api/addresses?memberId={member}", home)).Status.ShouldBe(201);
        (await server.PostAsync(path + "/notes", new { text = s_person["note"] })).Status.ShouldBe(201);
        (await server.GetAsync(path + "/notes")).Text.ShouldContain(s_person["note"]);
        (await server.CompleteOrderAsync(member, "order-of-" + member, 100)).Status.ShouldBe(200);
        (await server.GetAsync(path + "/export?reason=test")).Text.ShouldContain(s_person["phone"]);
        await ReadAgainAsync(server, [member]);
    }

    /// <summary>A picture is sent, and the card is shown at the till.</summary>
    private static async Task<string> PictureAsync(LaurelServer server, string member)
    {
        byte[] picture = [.. "RIFF"u8, 20, 0, 0, 0, .. "WEBPVP8L"u8, 8, 0, 0, 0, 0x2F, 0, 0, 0, 0x10, 0x88, 0x88, 0x08];
        var sent = await server.SendAsync(LaurelServer.Request(HttpMethod.Put, $"/api/members/{member}/avatar", picture, "image/webp"));
        sent.Status.ShouldBe(200, sent.Text);
        var code = (await server.GetAsync($"/api/members/{member}/card")).TextOf("code");
        (await server.PostAsync("/api/members/card/scan", new { code })).Status.ShouldBe(200);
        return sent.TextOf("avatar")!.Split('/')[^1];
    }

    private static string FilesOf(LaurelSite site) => Path.Combine(site.DataFolder, "files");

    private static async Task ReadAgainAsync(LaurelServer server, IEnumerable<string> members)
    {
        foreach (var member in members)
        {
            (await server.MemberAsync(member)).Status.ShouldBe(200);
            (await server.GetAsync($"/api/addresses?memberId={member}")).Status.ShouldBe(200);
            (await server.GetAsync($"/api/members/{member}/level")).Status.ShouldBe(200);
        }

        (await server.GetAsync("/api/members?phone=" + s_person["phone"])).Status.ShouldBe(200);
        (await server.GetAsync("/api/members?limit=100")).Status.ShouldBe(200);
    }

    private static async Task LeaveAsync(LaurelServer server, IReadOnlyList<string> members)
    {
        foreach (var member in members)
        {
            (await SendAsync(server, HttpMethod.Delete, $"/api/members/{member}", null)).Status.ShouldBe(200);
            await Eventually.HoldsAsync(async () => (await server.MemberAsync(member)).TextOf("status") == "cancelled", "the member has not left");
        }

        await Eventually.HoldsAsync(
            async () => !(await server.GetAsync("/api/users?limit=200")).Text.Contains(members[1], StringComparison.Ordinal), "the user is still there");
    }

    private static async Task ExportAsync(LaurelSite site)
    {
        var file = Path.Combine(site.DataFolder, "members.csv");
        (await site.RunVerbAsync(Cancellation, "export", "members", file)).ExitCode.ShouldBe(0);
        (await site.RunVerbAsync(Cancellation, "export", "journal", Path.Combine(site.DataFolder, "points.journal"))).ExitCode.ShouldBe(0);
    }

    /// <summary>The same person is somebody else from now on.</summary>
    private static async Task ComesAgainAsync(LaurelSite site, IReadOnlyList<string> before)
    {
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var again = new[] { await EnrolAsync(server), await SignUpAsync(server) };
        again.Intersect(before).ShouldBeEmpty();
        var found = (await server.GetAsync("/api/members?phone=" + s_person["phone"])).Json.GetProperty("items");
        found.EnumerateArray().Select(one => one.GetProperty("id").GetString()).ShouldBe([again[0]]);
        (await server.PointsAsync(again[0])).Available.ShouldBe(100, "only what registering gives");
    }

    private static async Task OnlyWhereItMayBeAsync(LaurelSite site)
    {
        var tables = new List<string>();
        foreach (var (table, bytes) in await TablesAsync(site))
        {
            if (Search.Finds(bytes, ExternalId))
            {
                tables.Add(table.Split("_2")[0]);
            }
        }

        tables.Distinct().Except(s_keepExternalIds).ShouldBeEmpty();
    }

    /// <summary>Which of what is known of the person can be read out of the bytes.</summary>
    private static List<string> Found(byte[] bytes, Keys keys) =>
    [
        .. s_person.Where(one => Search.Finds(bytes, one.Value)).Select(one => one.Key),
        .. keys.Wrapped.Any(one => Search.Finds(bytes, one)) ? ["data key"] : Array.Empty<string>(),
        .. keys.Hashes.Any(one => Search.Finds(bytes, one)) ? ["keyed hash"] : Array.Empty<string>(),
    ];

    private static async Task<byte[]> RowsAsync(LaurelSite site) => [.. (await TablesAsync(site)).SelectMany(one => one.Rows)];

    /// <summary>Every row of every table, its bytes as they are.</summary>
    private static async Task<List<(string Table, byte[] Rows)>> TablesAsync(LaurelSite site)
    {
        await using var connection = await SqlOf.ConnectAsync(site, Cancellation);
        var tables = (await connection.QueryAsync<string>(site.Database switch
        {
            DatabaseUnderTest.Sqlite => "SELECT name FROM sqlite_schema WHERE type = 'table'",
            DatabaseUnderTest.Postgres => "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
            DatabaseUnderTest.MySql => "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'",
        })).ToList();
        tables.Count.ShouldBeGreaterThan(40);
        var (all, opened) = (new List<(string, byte[])>(), 0);
        foreach (var table in tables)
        {
            using var rows = new MemoryStream();
            foreach (IDictionary<string, object?> row in await connection.QueryAsync($"SELECT * FROM {table}"))
            {
                foreach (var value in row.Values)
                {
                    if (value is byte[] { Length: > 0 } packed && s_compressed.Contains(table))
                    {
                        rows.Write(Unpack(packed));
                        opened++;
                    }

                    rows.Write(value as byte[] ?? Encoding.UTF8.GetBytes(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
                    rows.WriteByte((byte)'\n');
                }
            }

            all.Add((table, rows.ToArray()));
        }

        opened.ShouldBeGreaterThan(10, "events and the audit are looked through as they read");
        return all;
    }

    /// <summary>The bytes as they read; of a hash beside them nothing.</summary>
    private static byte[] Unpack(byte[] packed)
    {
        using var target = new MemoryStream();
        try
        {
            using var stream = new BrotliStream(new MemoryStream(packed), CompressionMode.Decompress);
            stream.CopyTo(target);
        }
        catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException)
        {
            // A hash, which is looked through as it is.
        }

        return target.ToArray();
    }

    private static Task<Answer> SendAsync(LaurelServer server, HttpMethod method, string path, object? body) => body is null
        ? server.SendAsync(new HttpRequestMessage(method, path))
        : server.SendAsync(LaurelServer.Request(method, path, JsonSerializer.SerializeToUtf8Bytes(body), LaurelServer.Json));

    /// <summary>What opens the person's sealed data, and what it was found by.</summary>
    private sealed record Keys(IReadOnlyList<byte[]> Wrapped, IReadOnlyList<byte[]> Hashes)
    {
        private sealed class Row
        {
            public required byte[] Wrapped { get; init; }

            public required byte[] Phone { get; init; }

            public required byte[] Email { get; init; }
        }

        public static async Task<Keys> OfAsync(LaurelSite site, IReadOnlyList<string> members)
        {
            await using var connection = await SqlOf.ConnectAsync(site, Cancellation);
            var rows = (await connection.QueryAsync<Row>(
                $"""
                SELECT wrapped_key AS Wrapped, phone_index AS Phone, email_index AS Email FROM personal_data WHERE member_id IN ({string.Join(',', members)})
                """)).ToList();
            rows.Count.ShouldBe(members.Count);
            return new Keys([.. rows.Select(row => row.Wrapped)], [.. rows.SelectMany(row => new[] { row.Phone, row.Email })]);
        }
    }

    /// <summary>Looks for something in every form that it may have taken.</summary>
    private static class Search
    {
        public static bool Finds(byte[] bytes, string text) => FormsOf(text).Any(form => bytes.AsSpan().IndexOf(form) >= 0) || Finds(bytes, Encoding.UTF8.GetBytes(text));

        public static bool Finds(byte[] bytes, byte[] value) =>
            bytes.AsSpan().IndexOf(value) >= 0 || BytesOf(value).Any(form => bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(form)) >= 0);

        private static IEnumerable<byte[]> FormsOf(string text)
        {
            yield return Encoding.Unicode.GetBytes(text);
            yield return Encoding.BigEndianUnicode.GetBytes(text);
            yield return Encoding.UTF8.GetBytes(JsonEncodedText.Encode(text).ToString());
            yield return Encoding.UTF8.GetBytes(JsonEncodedText.Encode(text).ToString().ToLowerInvariant());
            yield return Encoding.UTF8.GetBytes(Uri.EscapeDataString(text));
        }

        // In base64 it looks otherwise by where it begins; the characters that share bits with its neighbours are cut off.
        private static IEnumerable<string> BytesOf(byte[] value)
        {
            yield return Convert.ToHexString(value);
            yield return Convert.ToHexStringLower(value);
            for (var offset = 0; offset < 3; offset++)
            {
                var text = Convert.ToBase64String([.. new byte[offset], .. value])[(offset == 0 ? 0 : offset + 1)..];
                yield return text.TrimEnd('=')[..^2];
            }
        }
    }
}
