using Laurel.ContractTests.Verification;
using Laurel.Engine.Lanes;
using Laurel.Identity.ApiKeys;
using Laurel.Membership.Verification;
using Laurel.Platform.Access;
using Laurel.Server.Hosting;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Keys;

/// <summary>A key that is presented, one that signs, both rotated, and one that was revoked, written through the product.</summary>
public sealed class KeyDatabase : SpoilableDatabase
{
    protected override async Task WriteAsync(LaurelNode node)
    {
        var (tenant, tools) = (LaurelNode.DefaultTenant, new ApiKeyTools(new ApiKeyKind(), node.Secrets, new AccessChanges()));
        var all = Permission.All.ToHashSet();
        async Task<long> MakeAsync(bool signed)
        {
            var command = new CreateApiKey(tenant, new ApiKeyBody { Name = signed ? "signs" : "presented", Scopes = ["members:read"], Quota = 5, Signed = signed }, all, tools);
            return long.Parse(((ApiKeyReply)(await AppliedAsync(node, command)).Reply).Id, System.Globalization.CultureInfo.InvariantCulture);
        }

        foreach (var id in new[] { await MakeAsync(signed: false), await MakeAsync(signed: true) })
        {
            await AppliedAsync(node, new RotateApiKey(tenant, id, TimeSpan.Zero, all, tools));
            await AppliedAsync(node, new RotateApiKey(tenant, id, TimeSpan.FromHours(1), all, tools));
        }

        await AppliedAsync(node, new RevokeApiKey(tenant, await MakeAsync(signed: true), tools));
    }

    private static async Task<Outcome.Applied> AppliedAsync(LaurelNode node, Command command) =>
        (await node.Lanes.SubmitAsync(command, TestContext.Current.CancellationToken)).ShouldBeOfType<Outcome.Applied>();
}

/// <summary>Every way of breaking what is stored of keys is found under I30.</summary>
public sealed class VerifyingKeysTests(KeyDatabase database) : IClassFixture<KeyDatabase>
{
    public static TheoryData<string, string, string> Corruptions => new()
    {
        { "a secret gone", "DELETE FROM api_key_secrets WHERE rotation = 1", "api_keys" },
        { "the newest secret gone", "DELETE FROM api_key_secrets WHERE rotation = 2", "api_keys" },
        { "a secret of another number", "UPDATE api_key_secrets SET rotation = 3 WHERE rotation = 2", "api_keys" },
        { "a rotation that nobody made", "UPDATE api_keys SET rotations = 3 WHERE rotations = 2", "api_keys" },
        { "a secret before the first", "UPDATE api_keys SET previous_until = 9000000000000000 WHERE rotations = 0", "api_keys" },
        { "revoked, and it counts on", "UPDATE api_keys SET revoked_at = 1 WHERE previous_until IS NOT NULL", "api_keys" },
        { "it signed and signs no more", "UPDATE api_keys SET secret = NULL WHERE previous_secret IS NOT NULL", "api_keys" },
        { "what it signed with before is gone", "UPDATE api_keys SET previous_secret = NULL WHERE previous_secret IS NOT NULL", "api_keys" },
        { "no end of what it signed with before", "UPDATE api_keys SET previous_until = NULL WHERE previous_secret IS NOT NULL", "api_keys" },
        { "half a hand", "UPDATE api_keys SET made_by = zeroblob(8) WHERE rotations = 0", "api_keys" },
        { "more hands than are kept", "UPDATE api_keys SET previous_made_by = zeroblob(144) WHERE rotations = 2", "api_keys" },
        { "hands before the first secret", "UPDATE api_keys SET previous_made_by = zeroblob(16) WHERE rotations = 0", "api_keys" },
        { "a quota of nothing", "UPDATE api_keys SET quota = 0 WHERE quota = 5", "api_keys" },
        { "nobody's key", "UPDATE api_keys SET tenant_id = 77 WHERE rotations = 0", "api_keys" },
        { "nobody's secret", "UPDATE api_key_secrets SET key_id = 77 WHERE rotation = 1 AND key_id = (SELECT MIN(key_id) FROM api_key_secrets)", "api_key_secrets" },
        {
            "a first secret that is a later one too",
            "UPDATE api_key_secrets SET key_hash = (SELECT key_hash FROM api_keys WHERE rotations = 0 LIMIT 1) WHERE rotation = 1 AND key_id = (SELECT MIN(key_id) FROM api_key_secrets)",
            "api_key_secrets"
        },
    };

    [Fact]
    public async Task Holds_When_NothingIsChanged()
    {
        var report = await SmallDatabase.VerifyAsync(database.Copy());

        report.Holds.ShouldBeTrue();
        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I30).Checked.ShouldBe(4, "three keys, and that there are no others");
    }

    [Theory]
    [MemberData(nameof(Corruptions))]
    public async Task FailsUnderItsInvariant_When_SomethingIsChanged(string what, string sql, string table)
    {
        var settings = database.Copy();
        (await SmallDatabase.SpoilAsync(settings, sql)).ShouldBeGreaterThan(0, what);

        var report = await SmallDatabase.VerifyAsync(settings);

        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I30).Offences.ShouldContain(offence => offence.Table == table, what);
    }
}
