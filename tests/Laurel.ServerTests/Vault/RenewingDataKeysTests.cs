using System.Globalization;
using System.Text;
using System.Text.Json;
using Dapper;
using Laurel.ServerTests.Backups;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Vault;

/// <summary>A member is given a new data key, and everything that the old one has sealed is sealed anew in the same commit.</summary>
public sealed class RenewingDataKeysTests(DatabaseServers cluster)
{
    /// <summary>Some pages of the job, so that it can be killed between two.</summary>
    private const int MemberCount = 1_200;

    private static readonly (string Table, string Id, string Column)[] s_sealed =
    [
        ("personal_data", "member_id", "phone"), ("personal_data", "member_id", "email"), ("personal_data", "member_id", "profile"),
        ("member_addresses", "id", "sealed"), ("member_notes", "id", "sealed"), ("member_consents", "id", "origin"),
        ("real_names", "id", "card"), ("real_names", "id", "real_name"),
    ];

    public static TheoryData<DatabaseUnderTest> Databases => [DatabaseUnderTest.Sqlite, DatabaseUnderTest.Postgres, DatabaseUnderTest.MySql];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Databases))]
    [Trait("Attack", "D6")]
    public async Task SealsEverythingAnew_When_AMembersKeyIsRenewed(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        site.Environment["Limits"] = "off";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await WholeMemberAsync(server, 1);
        var other = await WholeMemberAsync(server, 2);
        var (before, keyBefore, told, othersBefore) = (await ValuesAsync(site, member), await KeyAsync(site, member), await ExportAsync(server, member), await ValuesAsync(site, other));
        before.Keys.ShouldBe(s_sealed.Select(one => $"{one.Table}.{one.Column}"), ignoreOrder: true, "every kind of sealed value is there");

        var renewed = await server.PostAsync($"/api/members/{member}/data-key", "");

        (renewed.Outcome, renewed.TextOf("memberId"), renewed.Json.GetProperty("renewed").GetBoolean()).ShouldBe(("200", member, true));
        var after = await ValuesAsync(site, member);
        after.Keys.ShouldBe(before.Keys, ignoreOrder: true);
        after.ShouldAllBe(value => value.Value != before[value.Key]);
        (await KeyAsync(site, member)).ShouldNotBe(keyBefore);
        (await ExportAsync(server, member)).ShouldBe(told);
        (await server.MemberAsync(member)).TextOf("phone").ShouldBe("139****0001");
        (await ValuesAsync(site, other)).ShouldBe(othersBefore, ignoreOrder: true);
        (await server.GetAsync("/api/members?phone=13900000001")).Json.GetProperty("items").GetArrayLength().ShouldBe(1);
        (await server.GetAsync($"/api/audit?memberId={member}&limit=100")).Text.ShouldContain("RenewDataKey");
        await site.VerifyAsync(Cancellation);

        // The key before opens none of it: put back, every value is told of.
        await SetKeyAsync(site, member, keyBefore);
        var verify = await site.RunVerbAsync(Cancellation, "verify");
        (verify.ExitCode, verify.Output.Contains($"I35 fails {s_sealed.Length} times", StringComparison.Ordinal)).ShouldBe((1, true), verify.Output);
        (await server.PostAsync("/api/members/99/data-key", "")).Outcome.ShouldBe("404 MEMBER_NOT_FOUND");
        (await server.GetAsync("/api/members/data-keys")).Outcome.ShouldBe("404 NOT_FOUND");
    }

    [Theory]
    [MemberData(nameof(Databases))]
    [Trait("Attack", "D6")]
    public async Task LosesNothing_When_AllKeysAreRenewedUnderLoadAndTheServerIsKilledMeanwhile(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        (site.Environment["Limits"], site.Environment["Jobs__datakeys"]) = ("off", "1");
        string[] members;
        Dictionary<string, string> keys;
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            var whole = await WholeMemberAsync(server, 0);
            var made = await AtOnce.RunAsync(200, async i =>
            {
                var ids = new List<string>();
                for (var n = 1 + (i * MemberCount / 200); n <= (i + 1) * MemberCount / 200; n++)
                {
                    ids.Add((await server.PostAsync("/api/members", new { externalId = $"m{n}", phone = PhoneOf(n) })).TextOf("id")!);
                }

                return ids;
            });
            members = [whole, .. made.SelectMany(ids => ids)];
            keys = await KeysAsync(site);
            var asked = await server.PostAsync("/api/members/data-keys", "");
            (asked.Outcome, asked.Json.GetProperty("finishedAt").ValueKind).ShouldBe(("202", JsonValueKind.Null));
            await Eventually.HoldsAsync(async () => await LeftAsync(site, keys) < members.Length, "nobody has a new key");
            await server.Process.KillAsync(Cancellation);
        }

        (await LeftAsync(site, keys)).ShouldBeInRange(1, members.Length - 1, "the server was to be killed in the middle");
        await site.VerifyAsync(Cancellation);
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            // What is told meanwhile is under the one key or the other, and always the one beside it.
            var changed = await AtOnce.RunAsync(8, async i =>
            {
                for (var round = 0; round < 20; round++)
                {
                    var member = members[((i * 20) + round) * 7 % members.Length];
                    (await server.SendAsync(HttpMethod.Put, $"/api/members/{member}", Encoding.UTF8.GetBytes($$"""{"realName":"王{{round}}"}"""), LaurelServer.Json)).Outcome.ShouldBe("200");
                    (await server.GetAsync($"/api/members/{member}/export?reason=test")).TextOf("realName")![..1].ShouldBe("王");
                }

                return i;
            });
            changed.Length.ShouldBe(8);
            await Eventually.HoldsAsync(
                async () => (await server.GetAsync("/api/members/data-keys")).Json.GetProperty("finishedAt").ValueKind == JsonValueKind.String, "it is not finished");
            (await LeftAsync(site, keys)).ShouldBe(0);
            (await server.GetAsync($"/api/members/{members[5]}/export?reason=test")).TextOf("phone")![..3].ShouldBe("139");
            (await server.GetAsync("/api/members/data-keys")).Json.GetProperty("renewed").GetInt64().ShouldBeGreaterThanOrEqualTo(members.Length / 2);
        }

        await site.VerifyAsync(Cancellation);

        // By hand too, where no server runs.
        keys = await KeysAsync(site);
        (await site.RunVerbAsync(Cancellation, "vault", "renew-members", "--member", members[0])).Output.ShouldContain("1 members have new data keys");
        (await LeftAsync(site, keys)).ShouldBe(keys.Count - 1);
        (await site.RunVerbAsync(Cancellation, "vault", "renew-members")).ExitCode.ShouldBe(0);
        (await LeftAsync(site, keys)).ShouldBe(0);
        (await site.RunVerbAsync(Cancellation, "vault", "renew-members", "--member", "99")).ExitCode.ShouldBe(1);
        await site.VerifyAsync(Cancellation);
    }

    /// <summary>A member of whom one of everything is kept that a data key seals.</summary>
    private static async Task<string> WholeMemberAsync(LaurelServer server, int n)
    {
        var member = (await server.PostAsync("/api/members", new { externalId = $"whole-{n}", phone = PhoneOf(n), email = $"ming{n}@example.org" })).TextOf("id")!;
        (await server.SendAsync(HttpMethod.Put, $"/api/members/{member}", """{"gender":"male","birthday":"1990-05-12"}"""u8.ToArray(), LaurelServer.Json)).Outcome.ShouldBe("200");
        var address = new { name = "Li Wei", phone = "13800138000", province = "广东省", city = "深圳市", district = "南山区", address = "1 Long Lane" };
        (await server.PostAsync($"/api/addresses?memberId={member}", address)).Status.ShouldBe(201);
        (await server.PostAsync($"/api/members/{member}/notes", new { text = "haggles" })).Status.ShouldBe(201);
        (await server.PostAsync($"/api/members/{member}/consents", new { purpose = "privacy_policy", textVersion = "1", given = true, origin = "till 7" })).Status.ShouldBe(201);
        (await server.PostAsync($"/api/members/{member}/consents", new { purpose = "marketing_sms", textVersion = "1", given = true })).Status.ShouldBe(201);
        var name = await server.PostAsync($"/api/members/{member}/real-name/verify", new { realName = "王小明", identityCard = CardOf(n) });
        name.TextOf("state").ShouldBe("pending", name.Text);
        return member;
    }

    // GB 11643: seventeen digits and their check.
    private static string CardOf(int n)
    {
        var digits = string.Create(CultureInfo.InvariantCulture, $"11010519900512{n + 100:D3}");
        int[] weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        return digits + "10X98765432"[digits.Select((digit, i) => (digit - '0') * weights[i]).Sum() % 11];
    }

    private static async Task<string> ExportAsync(LaurelServer server, string member)
    {
        var export = await server.GetAsync($"/api/members/{member}/export?reason=test");
        export.Status.ShouldBe(200, export.Text);
        foreach (var told in new[] { "139000000", "ming", "1 Long Lane", "haggles", "till 7", "1990-05-12" })
        {
            export.Text.ShouldContain(told);
        }

        // Counts every command on the member, and nothing that is told.
        return string.Join('\n', new[] { "phone", "email", "identityCard", "birthday", "addresses", "consents", "notes" }.Select(name => export.Json.GetProperty(name).GetRawText()));
    }

    private static async Task<Dictionary<string, string>> ValuesAsync(LaurelSite site, string member)
    {
        await using var connection = await SqlOf.ConnectAsync(site, Cancellation);
        var values = new Dictionary<string, string>();
        foreach (var (table, _, column) in s_sealed)
        {
            var owner = table == "real_names" ? "id" : "member_id";
            var found = await connection.QueryFirstOrDefaultAsync<byte[]>(
                $"SELECT {column} FROM {table} WHERE {owner} = @Member AND {column} IS NOT NULL", new { Member = long.Parse(member, CultureInfo.InvariantCulture) });
            if (found is not null)
            {
                values.Add($"{table}.{column}", Convert.ToHexString(found));
            }
        }

        return values;
    }

    private static async Task<byte[]> KeyAsync(LaurelSite site, string member)
    {
        await using var connection = await SqlOf.ConnectAsync(site, Cancellation);
        return await connection.QuerySingleAsync<byte[]>(
            "SELECT wrapped_key FROM personal_data WHERE member_id = @Member", new { Member = long.Parse(member, CultureInfo.InvariantCulture) });
    }

    private static async Task SetKeyAsync(LaurelSite site, string member, byte[] key)
    {
        await using var connection = await SqlOf.ConnectAsync(site, Cancellation);
        (await connection.ExecuteAsync(
            "UPDATE personal_data SET wrapped_key = @Key WHERE member_id = @Member", new { Key = key, Member = long.Parse(member, CultureInfo.InvariantCulture) })).ShouldBe(1);
    }

    private static async Task<Dictionary<string, string>> KeysAsync(LaurelSite site)
    {
        await using var connection = await SqlOf.ConnectAsync(site, Cancellation);
        var rows = await connection.QueryAsync<(long Member, byte[] Key)>("SELECT member_id, wrapped_key FROM personal_data");
        return rows.ToDictionary(row => row.Member.ToString(CultureInfo.InvariantCulture), row => Convert.ToHexString(row.Key));
    }

    /// <summary>How many members still have the key that they had.</summary>
    private static async Task<int> LeftAsync(LaurelSite site, Dictionary<string, string> before) =>
        (await KeysAsync(site)).Count(now => before.TryGetValue(now.Key, out var key) && key == now.Value);

    private static string PhoneOf(int n) => string.Create(CultureInfo.InvariantCulture, $"139{n:D8}");
}
