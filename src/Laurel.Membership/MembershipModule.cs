using Laurel.Membership.Addresses;
using Laurel.Membership.Adjustments;
using Laurel.Membership.Avatars;
using Laurel.Membership.Balance;
using Laurel.Membership.Benefits;
using Laurel.Membership.Bulk;
using Laurel.Membership.Cards;
using Laurel.Membership.Checkouts;
using Laurel.Membership.Coupons;
using Laurel.Membership.DataKeys;
using Laurel.Membership.Exports;
using Laurel.Membership.Finance;
using Laurel.Membership.Imports;
using Laurel.Membership.Levels;
using Laurel.Membership.Members;
using Laurel.Membership.Merges;
using Laurel.Membership.Notes;
using Laurel.Membership.Orders;
using Laurel.Membership.Passes;
using Laurel.Membership.Points;
using Laurel.Membership.Profiles;
using Laurel.Membership.Programmes;
using Laurel.Membership.RealNames;
using Laurel.Membership.Rules;
using Laurel.Membership.Search;
using Laurel.Membership.Statuses;
using Laurel.Membership.Tags;
using Laurel.Membership.Units;
using Laurel.Membership.Watch;
using Laurel.Platform.Vault;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Laurel.Membership;

/// <summary>The doors of the member's book: what the host adds and maps.</summary>
public static class MembershipModule
{
    /// <summary>What the master keys seal here.</summary>
    public static IReadOnlyList<SealedColumn> SealedColumns { get; } =
    [
        new("personal_data", "member_id", "wrapped_key", PersonalDataVault.KeyPurpose),
        new("coupon_batches", "id", "seed", CouponBatch.SeedPurpose),
    ];

    public static void AddMembership(this IServiceCollection services)
    {
        services.AddSingleton<MemberReader>();
        services.AddSingleton<MemberCache>();
        services.AddSingleton<MemberWarmUp>();
        services.AddSingleton<MemberSearch>();
        services.AddSingleton<MemberPages>();
        services.AddSingleton<AddressQueries>();
        services.AddSingleton<NoteQueries>();
        services.AddSingleton<MemberExports>();
        services.AddSingleton<RealNameQueries>();
        services.AddSingleton<MemberImport>();
        services.AddSingleton<AvatarStore>();
        services.AddSingleton<FullView>();
        services.AddSingleton<PointsQueries>();
        services.AddSingleton<RecordPages>();
        services.AddSingleton<BalancesAsOf>();
        services.AddSingleton<EventIntake>();
        services.AddSingleton<RecordExplanations>();
        services.AddSingleton<ProgrammeStore>();
        services.AddSingleton<ProgrammeChanges>();
        services.AddSingleton<ProgrammeHistoryQueries>();
        services.AddSingleton<RulePreview>();
        services.AddSingleton<ReturnQueries>();
        services.AddSingleton<BalanceDoors>();
        services.AddSingleton<RechargeDoors>();
        services.AddSingleton<WithdrawalDoors>();
        services.AddSingleton<BalanceReads>();
        services.AddSingleton<Reconciliation>();
        services.AddSingleton<FinanceReports>();
        services.AddSingleton<BenefitDoors>();
        services.AddSingleton<BenefitReads>();
        services.AddSingleton<CouponQueries>();
        services.AddSingleton<CheckoutQueries>();
        services.AddSingleton<CouponBatchQueries>();
        services.AddSingleton<LevelDoors>();
        services.AddSingleton<CardDoors>();
    }

    /// <param name="dapr">How a Dapr sidecar brings events; null where there is none.</param>
    public static void MapMembership(this IEndpointRouteBuilder routes, DaprOptions? dapr)
    {
        routes.MapMembers();
        routes.MapSearch();
        routes.MapProfiles();
        routes.MapDataKeys();
        routes.MapRealNames();
        routes.MapAvatars();
        routes.MapBulk();
        routes.MapExports();
        routes.MapPasses();
        routes.MapStatuses();
        routes.MapAddresses();
        routes.MapTags();
        routes.MapNotes();
        routes.MapMerges();
        routes.MapPoints();
        routes.MapAdjustments();
        routes.MapWatchRules();
        routes.MapWatchCases();
        routes.MapEarnBatch();
        routes.MapExchange();
        routes.MapLots();
        routes.MapEvents();
        routes.MapRules();
        routes.MapProgramme();
        routes.MapReturns();
        routes.MapCouponTemplates();
        routes.MapCoupons();
        routes.MapCouponCodes();
        routes.MapCouponShares();
        routes.MapCheckouts();
        routes.MapLevels();
        routes.MapTracks();
        routes.MapCache();
        routes.MapBalance();
        routes.MapFinance();
        routes.MapBenefits();
        routes.MapCards();
        routes.MapUnits();
        if (dapr is not null)
        {
            routes.MapDapr(dapr);
        }
    }
}
