using System.Globalization;
using Dapper;
using Laurel.ServerTests.Backups;
using Laurel.ServerTests.Coupons;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Keys;
using Laurel.ServerTests.SigningIn;
using Laurel.ServerTests.Tenants;
using Laurel.ServerTests.Webhooks;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Vault;

/// <summary>D6: a new master key takes the place of another while people call, the server is killed in the middle, and the old key is dropped.</summary>
public sealed class RotatingMasterKeysTests(DatabaseServers cluster)
{
    /// <summary>Some pieces of the job, so that it can be killed between two.</summary>
    private const int MemberCount = 4_000;

    private static readonly string[] s_columns =
    [
        "personal_data.wrapped_key", "coupon_batches.seed", "api_keys.secret", "api_keys.previous_secret", "sessions.secret", "token_keys.secret", "users.totp_secret",
        "webhook_endpoints.secret", "webhook_endpoints.previous_secret", "sign_in_apps.secret",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [Trait("Attack", "D6")]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task LosesNothing_When_TheKeyIsRotatedUnderLoadAndTheServerIsKilledMeanwhile(DatabaseUnderTest database)
    {
        await using var redis = await RedisServer.StartAsync(Cancellation);
        await using var receiver = await Receiver.StartAsync();
        await using var site = (await LaurelSite.CreateAsync(database, cluster, Cancellation)).AllowLoopback();
        site.Environment["Limits"] = "off";
        site.Environment["Jobs__rewrap"] = "1";
        site.Environment["REDIS_URL"] = redis.Url;
        Things things;
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            things = await Things.MakeAsync(server, receiver);
            (await site.RunVerbAsync(Cancellation, "vault", "add", "second")).ExitCode.ShouldBe(0);
            (await site.RunVerbAsync(Cancellation, "vault", "drop", "first")).ExitCode.ShouldBe(2, "it is the current one");
        }

        // Every kind of sealed value is there, or the test would prove nothing of it.
        (await LeftAsync(site, "first")).Keys.Order(StringComparer.Ordinal).ShouldBe(s_columns.Order(StringComparer.Ordinal));
        var (leftBehind, row) = await SetAsideAsync(site, things.Leaver);
        (await site.RunVerbAsync(Cancellation, "vault", "use", "second")).ExitCode.ShouldBe(0);

        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            await Eventually.HoldsAsync(async () => await RewrappedAsync(server) > 0, "nothing was put under the new key");
            await server.Process.KillAsync(Cancellation);
        }

        (await LeftAsync(site, "first"))["personal_data.wrapped_key"].ShouldBeInRange(1, MemberCount, "the server was to be killed in the middle");
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            await Task.WhenAll(things.CheckAsync(server, receiver, "meanwhile"), LoadAsync(server));
            await Eventually.HoldsAsync(
                async () => (await site.RunVerbAsync(Cancellation, "vault", "check")).ExitCode == 0, "values are left under the old key");
            await things.CheckAsync(server, receiver, "afterwards");
        }

        // Looked for by what it is and not by the list of the product: nothing at all begins as what the old key has sealed.
        (await LeftAsync(site, "first")).ShouldBeEmpty();
        (await site.RunVerbAsync(Cancellation, "vault", "drop", "first")).ExitCode.ShouldBe(0);
        (await File.ReadAllTextAsync(Path.Combine(site.DataFolder, "keys", "master.json"), Cancellation)).ShouldNotContain("first");
        await PutBackAsync(site, leftBehind, row);
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            await things.CheckAsync(server, receiver, "dropped");
            (await server.GetAsync($"/api/members/{things.Leaver}")).Status.ShouldBe(500, "its key was left under the one that is gone");
            var repeated = await things.RepeatAsync(server, receiver);
            (repeated.Status, repeated.Replayed, repeated.TextOf("id"), repeated.Json.TryGetProperty("secret", out _)).ShouldBe((201, true, things.Hook, false));
        }

        var check = await site.RunVerbAsync(Cancellation, "vault", "check");
        check.ExitCode.ShouldBe(1);
        check.Output.ShouldContain("1 values are under keys that are not here");
        var verify = await site.RunVerbAsync(Cancellation, "verify");
        verify.ExitCode.ShouldBe(1);
        verify.Output.ShouldContain("I35 fails 1 times");
    }

    /// <summary>People come in, sign in and read what they told, while keys change under them; each must succeed.</summary>
    private static Task LoadAsync(LaurelServer server) => AtOnce.RunAsync(8, async i =>
    {
        for (var round = 0; round < 4; round++)
        {
            var person = await server.SignUpAsync($"load-{i}-{round}");
            (await server.AsAsync(person.Token, HttpMethod.Put, "/api/members/me", new { realName = "王小明" })).Outcome.ShouldBe("200");
            (await server.GetAsAsync(person.Token, "/api/members/me/export")).TextOf("realName").ShouldBe("王小明");
            (await server.RefreshAsync(person.RefreshToken)).Status.ShouldBe(200);
        }

        return i;
    });

    private static async Task<double> RewrappedAsync(LaurelServer server) => (await server.GetAsync("/metrics")).Text.Split('\n')
        .Where(line => line.StartsWith("member_vault_rewrapped_total{sealed_column=\"personal_data.wrapped_key\"}", StringComparison.Ordinal))
        .Select(line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture)).FirstOrDefault();

    /// <summary>How many values of which columns of the whole database begin as a key has sealed them.</summary>
    private static async Task<Dictionary<string, long>> LeftAsync(LaurelSite site, string key)
    {
        await using var connection = await SqlOf.ConnectAsync(site, Cancellation);
        var columns = await connection.QueryAsync<(string Table, string Column)>(site.Database switch
        {
            DatabaseUnderTest.Sqlite => "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.type = 'BLOB'",
            DatabaseUnderTest.Postgres => "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'bytea'",
            DatabaseUnderTest.MySql => """
                SELECT table_name, column_name FROM information_schema.columns
                WHERE table_schema = DATABASE() AND data_type IN ('varbinary', 'binary', 'blob', 'mediumblob', 'longblob')
                """,
        });
        var left = new Dictionary<string, long>();
        byte[] beginning = [1, (byte)key.Length, .. System.Text.Encoding.ASCII.GetBytes(key)];
        foreach (var (table, column) in columns)
        {
            var count = await connection.ExecuteScalarAsync<long>(
                $"SELECT COUNT(*) FROM {table} WHERE substr({column}, 1, @Length) = @Beginning", new { beginning.Length, Beginning = beginning });
            if (count > 0)
            {
                left.Add($"{table}.{column}", count);
            }
        }

        return left;
    }

    /// <summary>Takes a member's key out of the reach of the job.</summary>
    private static async Task<(long Member, byte[] Wrapped)> SetAsideAsync(LaurelSite site, string member)
    {
        var id = long.Parse(member, CultureInfo.InvariantCulture);
        await using var connection = await SqlOf.ConnectAsync(site, Cancellation);
        return (id, await connection.QuerySingleAsync<byte[]>("SELECT wrapped_key FROM personal_data WHERE member_id = @Id", new { Id = id }));
    }

    private static async Task PutBackAsync(LaurelSite site, long member, byte[] wrapped)
    {
        await using var connection = await SqlOf.ConnectAsync(site, Cancellation);
        (await connection.ExecuteAsync("UPDATE personal_data SET wrapped_key = @Wrapped WHERE member_id = @Id", new { Wrapped = wrapped, Id = member })).ShouldBe(1);
    }

    /// <summary>One of everything that a master key seals, and how each is seen to work.</summary>
    private sealed record Things
    {
        private const string HookUnder = "hook-once";

        public required string Hook { get; init; }

        /// <summary>Whose key is left behind on purpose.</summary>
        public required string Leaver { get; init; }

        private IReadOnlyList<string> Members { get; init; } = [];

        private (string Id, string Key) Signer { get; init; }

        private (string Id, string Key) FormerSigner { get; init; }

        private SignedInPerson Person { get; init; } = new("", "", "");

        private string Totp { get; init; } = "";

        private string Batch { get; init; } = "";

        private string Secret { get; init; } = "";

        private string FormerSecret { get; init; } = "";

        public static async Task<Things> MakeAsync(LaurelServer server, Receiver receiver)
        {
            var members = new List<string>();
            while (members.Count < MemberCount)
            {
                var first = members.Count;
                var made = await AtOnce.RunAsync(200, i => server.PostAsync("/api/members", new { externalId = $"m{first + i}", phone = PhoneOf(first + i) }));
                made.ShouldAllBe(answer => answer.Status == 201);
                members.AddRange(made.Select(answer => answer.TextOf("id")!));
            }

            // Redis remembers it under the key of now for an hour.
            (await server.MemberAsync(members[1])).TextOf("phone").ShouldBe("139****0001");
            var hook = await HookAsync(server, receiver);
            var rotated = (await server.PostAsync($"/api/webhooks/{hook.TextOf("id")}/rotate-secret", new { })).TextOf("secret")!;
            var signer = await server.MakeSigningKeyAsync("read:all");
            var newer = (await server.PostAsync($"/api/keys/{signer.Id}/rotate", new { graceHours = 24 })).TextOf("key")!;
            var person = await server.SignUpAsync("careful");
            var totp = (await server.PostAsAsync(person.Token, "/api/auth/totp", new { })).TextOf("secret")!;
            (await server.AddTemplateAsync(CouponCalls.Template("coded"))).Status.ShouldBe(201);
            var batch = await server.PostAsync("/api/coupons/templates/coded/batches", new { count = 3, reference = "b" });
            batch.Status.ShouldBe(200, batch.Text);
            (await server.PutAsync("/api/sign-in/apps/qq", new { appId = "100", secret = "of QQ" })).Status.ShouldBe(200);
            return new Things
            {
                Members = members,
                Leaver = members[^1],
                Hook = hook.TextOf("id")!,
                Secret = rotated,
                FormerSecret = hook.TextOf("secret")!,
                Signer = (signer.Id, newer),
                FormerSigner = signer,
                Person = person,
                Totp = totp,
                Batch = batch.TextOf("id")!,
            };
        }

        /// <summary>Registers the endpoint, or asks for the same again.</summary>
        public Task<Answer> RepeatAsync(LaurelServer server, Receiver receiver) => HookAsync(server, receiver);

        public async Task CheckAsync(LaurelServer server, Receiver receiver, string when)
        {
            foreach (var i in (int[])[0, 1, 700, MemberCount - 2])
            {
                var export = await server.GetAsync($"/api/members/{Members[i]}/export?reason=test");
                export.TextOf("phone").ShouldBe(PhoneOf(i), $"{when}: {export.Text}");
            }

            (await server.MemberAsync(Members[1])).TextOf("phone").ShouldBe("139****0001", when);
            (await server.SendAsync(KeyCalls.Signed(Signer, HttpMethod.Get, "/api/members/" + Members[0], null))).Status.ShouldBe(200, when);
            (await server.SendAsync(KeyCalls.Signed(FormerSigner, HttpMethod.Get, "/api/members/" + Members[0], null))).Status.ShouldBe(200, when);
            (await server.StandingAsync(Person.Token)).ShouldBe("200", when);
            (await server.RefreshAsync((await SignedInPerson(server, when)).RefreshToken)).Status.ShouldBe(200, when);

            // Wrong, and not unreadable.
            (await server.AsAsync(Person.Token, HttpMethod.Put, "/api/auth/totp", new { totp = "000000" })).Outcome.ShouldBe("401 TOTP_INVALID", when);
            (await server.EarnAsync(Members[0], 1, "earned " + when)).Status.ShouldBe(200, when);
            var path = $"/{when}";
            await Waiting.UntilAsync(() => receiver.At("/hook").Any(IsEarned), "a webhook " + path, Cancellation);
            var told = receiver.At("/hook").First(IsEarned);
            (told.IsSignedWith(Secret), told.IsSignedWith(FormerSecret)).ShouldBe((true, true), when);
            if (when == "dropped")
            {
                await Eventually.HoldsAsync(
                    async () => (await server.GetAsync($"/api/coupons/batches/{Batch}")).TextOf("state") == "ready", "the codes are not made");
                (await server.PostAsync($"/api/coupons/batches/{Batch}/codes", "")).Text.Split("\r\n").Length.ShouldBe(5);
                var step = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30;
                (await server.AsAsync(Person.Token, HttpMethod.Put, "/api/auth/totp", new { totp = PasswordsTests.PasswordAt(Totp, step) })).Status.ShouldBe(204);
            }

            bool IsEarned(Received one) => System.Text.Encoding.UTF8.GetString(one.Body).Contains("earned " + when, StringComparison.Ordinal);
        }

        private static async Task<SignedInPerson> SignedInPerson(LaurelServer server, string when)
        {
            var answer = await server.LoginAsync("careful");
            answer.Status.ShouldBe(200, when);
            return SigningIn.SignedInPerson.Of(answer);
        }

        private static Task<Answer> HookAsync(LaurelServer server, Receiver receiver) =>
            server.PostUnderAsync(HookUnder, "/api/webhooks", new { url = receiver.Address + "/hook", eventTypes = new[] { "points.earned" } });

        private static string PhoneOf(int i) => string.Create(CultureInfo.InvariantCulture, $"139{i:D8}");
    }
}
