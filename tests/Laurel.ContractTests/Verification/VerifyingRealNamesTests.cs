using Laurel.Membership.Verification;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Verification;

/// <summary>I34: sound checks of real names pass; one thing changed by hand is found.</summary>
public sealed class VerifyingRealNamesTests(UserHistoryDatabase database) : IClassFixture<UserHistoryDatabase>
{
    private const string Sound = """
        INSERT INTO personal_data (tenant_id, member_id, wrapped_key) VALUES (1, 7, x'00'), (1, 8, x'00'), (1, 9, x'00');
        INSERT INTO real_names (tenant_id, id, state, card, card_index, real_name, card_use, attempt, attempts_on, attempts, provider, changed_at) VALUES
            (1, 7, 'verified', x'01', x'00000000000000000000000000000001', x'02', 70, 1, 1, 1, 'staff', 0),
            (1, 8, 'pending', x'01', x'00000000000000000000000000000001', x'02', NULL, 2, 1, 1, 'staff', 0),
            (1, 9, 'refused', NULL, NULL, NULL, NULL, 3, 1, 1, 'staff', 0);
        INSERT INTO identity_card_uses (tenant_id, id, card_index, member_id) VALUES
            (1, 70, x'00000000000000000000000000000001', 7);

        """;

    public static TheoryData<string, string> Corruptions => new()
    {
        { "DELETE FROM personal_data WHERE member_id = 9", "real_names" },
        { "UPDATE real_names SET card = NULL WHERE id = 7", "real_names" },
        { "UPDATE real_names SET card_index = NULL WHERE id = 8", "real_names" },
        { "UPDATE real_names SET real_name = NULL WHERE id = 8", "real_names" },
        { "UPDATE real_names SET card = x'01' WHERE id = 9", "real_names" },
        { "UPDATE real_names SET card_use = NULL WHERE id = 7", "real_names" },
        { "UPDATE real_names SET card_use = 70 WHERE id = 9", "real_names" },
        { "UPDATE real_names SET state = 'verified' WHERE id = 8", "real_names" },
        { "UPDATE real_names SET tenant_id = 2 WHERE id = 7", "identity_card_uses" },
        { "DELETE FROM identity_card_uses WHERE id = 70", "identity_card_uses" },
        { "UPDATE identity_card_uses SET member_id = 8 WHERE id = 70", "identity_card_uses" },
        { "INSERT INTO identity_card_uses (tenant_id, id, card_index, member_id) VALUES (1, 71, x'00000000000000000000000000000002', 9)", "identity_card_uses" },
        { "INSERT INTO identity_card_uses (tenant_id, id, card_index, member_id) VALUES (1, 71, x'00000000000000000000000000000002', NULL)", "identity_card_uses" },
        { "UPDATE identity_card_uses SET card_index = x'00000000000000000000000000000003' WHERE id = 70", "identity_card_uses" },
    };

    [Theory]
    [MemberData(nameof(Corruptions))]
    public async Task IsFoundUnderItsInvariant_When_OneThingIsChanged(string sql, string table)
    {
        var copy = database.Copy();
        (await SmallDatabase.SpoilAsync(copy, Sound + sql)).ShouldBeGreaterThan(0);

        var report = await SmallDatabase.VerifyAsync(copy);

        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I34).Offences.ShouldContain(offence => offence.Table == table);
    }

    [Fact]
    public async Task Holds_When_RealNamesAreSound()
    {
        var copy = database.Copy();
        (await SmallDatabase.SpoilAsync(copy, Sound)).ShouldBeGreaterThan(0);

        var report = await SmallDatabase.VerifyAsync(copy);

        var found = report.Invariants.Single(invariant => invariant.Code == InvariantCode.I34);
        (found.Offences.Count, found.Checked).ShouldBe((0, 3));
    }
}
