/*
 * What people choose for passwords: the most frequent entries of passwords.json of @zxcvbn-ts/language-common 4.1.3
 * (letters alone: of six or more the first 15,000 of the list, of five the first 6,000, of four the first 2,000; with digits
 * between letters the first 6,000), and by us months, days, seasons, greetings and words of administration in some languages.
 * In lower case, sorted. The licence of the list:
 *
 * Copyright (c) 2012-2016 Dan Wheeler and Dropbox, Inc.
 * Copyright (c) 2021 @zxcvbn-ts
 *
 * Permission is hereby granted, free of charge, to any person obtaining
 * a copy of this software and associated documentation files (the
 * "Software"), to deal in the Software without restriction, including
 * without limitation the rights to use, copy, modify, merge, publish,
 * distribute, sublicense, and/or sell copies of the Software, and to
 * permit persons to whom the Software is furnished to do so, subject to
 * the following conditions:
 *
 * The above copyright notice and this permission notice shall be
 * included in all copies or substantial portions of the Software.
 *
 * THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND,
 * EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
 * MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
 * NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE
 * LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION
 * OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION
 * WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
 */

/** Common passwords without what is added to satisfy rules, with spaces and line breaks between them. */
export const COMMON_WORDS = `
111111a 111111q 111qqq 123123a 123123q 1232323q 123321a 123321q 1234567890a 1234567890q 123456789a 123456789q
123456789s 123456789z 12345678a 12345678q 1234567a 1234567q 123456a 123456aa 123456k 123456l 123456m 123456q 123456qw
123456qwe 123456r 123456s 123456z 12345a 12345q 12345qwe 12345t 12345z 1234abcd 1234qw 1234qwe 1234qwer 123aaa 123abc
123asd 123qaz 123qq123 123qwe 123qwe123 123zxc 12qw12 12qw34er 12qwas 1a2b3c 1a2b3c4d 1a2s3d4f 1q2w3e 1q2w3e4r
1q2w3e4r5 1q2w3e4r5t 1q2w3e4r5t6y 1qa2ws 1qa2ws3ed 1qaz2ws 1qaz2wsx 1qaz2wsx3edc 1x2zkg8w 1z2x3c 1z2x3c4v 426hemi
50cent 50spanks 7ugd5hip2j 8j4ye3uz 9293709b13 a11111 a12345 a123456 a1234567 a12345678 a123456789 a1a2a3 a1b2c3
a1b2c3d4 a1s2d3 a1s2d3f4 aa123456 aaa111 aaabbb aaasss aabbcc aaliyah aardvark aaron aassdd abacab abacus abbott
abc123 abc1234 abc12345 abcd123 abcd1234 abcxyz abdullah aberdeen abgrtyu abigail abnormal abracadabra abraham
abrakadabra abraxas abril abrupt absolut absolute absolutely abstr abstract abudfv acacia academy acapulco accept
access acclaim accord account aceman acetate achilles achtung acidburn acmilan action active adam adams addict
addicted addison address adelaide adelina adeline adgjmptw adidas admin administrator admiral adonis adrenalin adrian
adriana adrianna adriano adrienne adrock adult adults advance advanced advent adventur adventure aerosmit aerosmith
aezakmi africa afrika again agassi agatha agent007 aggies agosto aguila aikido aikman aileen airborne airbus aircraft
airforce airman airplane airport airwolf akasha akatsuki akira alabama aladdin aladin alanis alanna alaska alatam
albany albatros albert alberta alberto albina albino albion alcatel alcatraz alchemy alcohol alejandr alejandra
alejandro aleksander aleksandr aleksandra aleksei aleksey alenka alesha alessand alessandro alessio alex alexalex
alexande alexander alexandr alexandra alexandre alexandru alexei alexey alexia alexis alexus alexxx alfalfa alfarome
alfonso alfred alfredo algebra algernon alibaba alice alicia alien aliens aligator alina alinka alisha alisher alison
alissa alkaline allan allblack allday allegra allegro allen alleycat allgood alliance allied alligator allison allman
allmine allnight allright allsop allstar allstate allyson almighty almond aloha alone alonso alonzo alpha alphabet
alphaman alpina alpine altair alterego althea althor altima altoids alucard alvaro always alyson alyssa amadeus amalia
amanda amarillo amateur amateurs amatory amature amazing amazon amber ambers ambrose ambrosia amelia amelie americ
america american amerika ameteur amethyst ametuer amidala amigo amigos amnesia amonra amorcit amoremio amstel amsterda
amsterdam anaconda anakin anakonda anal analog analsex ananas anarchy anastasi anastasia anastasiya anchor anders
andersen anderson andre andrea andreas andreev andrei andrej andres andrew andrews andrey android andromed andromeda
andy andyandy anechka anfield anfisa angel angela angele angeles angelic angelica angelika angelina angeline angelit
angelito angell angelo angelok angels angelus angie angus anhyeuem animal animals animated anime anita ankara anna
annaanna annabell annette annie annika annmarie anonymous another answer antares antelope anthem anthon anthony
anthrax antigone antoine anton antoni antonia antonina antonio antonov antony antwerp anubis anything anytime aolsucks
aout apache apollo apple applepie apples apricot april aprilia apteka aptiva aquafina aquarium aquarius aquila aqwzsx
arabella aragon aragorn aramis arcadia arcane arcangel archange archangel archer archery archie architec archon arctic
area51 argentin argentina argyle ariana ariane arianna arielle arizona arjay arkansas arlene armada armageddon
armagedon armand armando armani armored armstron armstrong arnaud arnold around arrakis arrow arrows arsena arsenal
artem artemis artemka arthur artist artur arturo asd123 asdasd asddsa asdf asdfasdf asdffdsa asdfg asdfgh asdfghj
asdfghjk asdfghjkl asdfjkl asdfqwer asdfzxcv asdqwe asdzxc asgard ashlee ashleigh ashley ashton ashtray asian asians
asimov asmodeus aspire aspirin aspirine assasin assass assassin assassins assault asscock assface assfuck asshol
asshole assholes asslover assman assmunch asswipe assword astalavista asterix asthma astonvil astra astral astrid
astro astros asylum athena athens athletic athlon athome atlanta atlantic atlantis atomic atreides attack atticus
attila attitude attorney attract aubrey auburn auckland audia4 auditt audrey auggie august augusta augustin augusto
augustus aurelie aurora aussie austin australi australia austria authflow automne autumn autunno avalanch avalanche
avalon avangard avanti avatar avenger avengers avenue aviation aviator avrora awesome awnyce axeman ayanami ayrton
azamat azazel azerty azertyui azertyuiop azrael azsxdc azsxdcfv babe babemagn babemagnet baberuth babes babies baboon
babushka baby babybaby babybear babyblue babyboy babycake babydoll babyface babygir babygirl babylon babylove bacardi
bacchus bachelor backbone backdoor backup bacon badabing badass badboy badboys baddest baddog badger badgers badgirl
badguy badman badnaamhere bagels baggies baggins baggio bagira bagpuss bahamas bahamut bailey bajingan baker balance
balboa balder baldwin ball ballard baller ballet ballin balloon balloons balls ballsack balrog baltimor bambam bambino
bamboo banaan banana bananas banane bandit bangbang banger bangkok banker banner banshee banzai baracuda baraka
barbados barbara barber barbie barcelon barcelona barclay barefeet barefoot barfly baritone barker barkley barley
barlow barnaby barnes barney barnie baron baronn barracud barracuda barrage barrel barrett barron barry barselona
barsik bartman bartok barton basebal baseball basement basher basket basketba basketbal basketball bass bassbass
basset bassett bassin bassman bassoon bastard bastards bastet bastian batgirl bathing batista batman battery battle
bauhaus bavaria baxter bayern baylee baylor baywatch bazooka bbking bcfields bdfyjd bdfyjdf beach beachbum beaches
beacon beagle beaker beamer beanbag beaner beanie beans bear bearbear bearcat bearcats beardog bears beast beastie
beater beating beatle beatles beatrice beatriz beaumont beautifu beautiful beauty beaver beavers beavis because becker
beckham becky becool bedford bedlam bedrock bedroom beebop beefcake beeker beeline beemer beepbeep beer beerbeer
beerman beerme beethove beetle beezer before begemot behappy beijing belair belfast belgium believe belinda belinea
belize belkin bella bellaco bellagio belle belly belmont beloved bemvindo bender bendover benedict benessere benfica
bengal bengals benito benjami benjamin bennett bennie benny benoit benson bentley benton benvenuto beowulf beretta
bergen berger bergkamp berkeley berlin bermuda bernard bernardo bernhard bernice bernie berserk bertha bertie bertram
bertrand bessie bestbuy bethany better bettina bettis betty bettyboo bettyboop beverley beverly beyonce beyond bhbcrf
bhbirf bhbyrf bhjxrf bianca biatch bicycle bienvenido bienvenue bigass bigballs bigbang bigbear bigben bigbird
bigblack bigblock bigblue bigbob bigboobs bigbooty bigboss bigboy bigbucks bigbutt bigbutts bigcat bigcock bigdad
bigdaddy bigdawg bigdick bigdicks bigdog bigfish bigfoot bigger biggie biggirl biggles biggun bigguns bigguy bighead
bigjim bigjoe bigjohn bigmac bigmama bigman bigmike bigmoney bignasty bignuts bigone bigones bigpenis bigpimp bigpoppa
bigpun bigpussy bigred bigsexy bigshow bigtime bigtit bigtits bigtruck biguns bigworm bikers bikini bilbo bill
billabon billabong billbill billie billows billy billybob billyboy bimmer binder bingo binladen biohazard biology
bionic bionicle bird birddog birdie birdman birgit birthday biscuit biscuits bisexual bishop bismarck bismark bismilla
bismillah bitch bitchass bitches bitchs bitchy biteme bitter bizkit bizzare blabla black blackass blackbel blackbelt
blackberry blackbir blackbird blackboy blackcat blackcoc blackcock blackdog blackhaw blackhawk blackice blackie
blackjac blackjack blacklab blackman blackops blackout blacks blacky blade blades blahblah blaine blake blanca blanche
blanco blanked blaster blaze blazer blazers bleach bledsoe blender blessed blessing blink182 blinky blizzard blobby
blocked blond blonde blondes blondie blondinka blonds blondy blood bloods bloody bloopers blossom blower blowfish
blowjob blowme blubber blue blueball bluebell blueberr blueberry bluebird blueblue blueboy bluedog blueeyes bluefish
bluejay bluejays blueman bluemoon bluenose blues bluesky bluesman bluestar blunted blunts boarder boater boating
bob123 bobafett bobber bobbie bobbob bobby bobbys bobcat bobcats bobdole bobdylan bobert bobmarle bobmarley boeing
bogart bogdan bogey bogota bohica boiler boingo bolero bolitas boliva bolivi bollocks bollox bologna bolton bombay
bomber bombers bonanza bond007 bondage bonehead boner boners bones bonethug bonghit bonita bonjour bonjovi bonkers
bonner bonnie bonovox bonsai bonzai boobear boobed boobie boobies booboo boobs boogaloo booger boogers boogie boohoo
bookcase booker bookie bookworm boomboom boomer booper booster booter bootie bootleg boots bootsie bootsy booty bootys
booyah boozer bopper borabora bordeaux border borders borges boricua boris borman boroda boromir borussia bosco boss
bosshog bossman boston bottle bottom boulder bounce bouncer bounty bourbon bowler bowling bowman bowser bowtie bowwow
boxcar boxer boxers boxing boxster boxter boytoy br0d3r bracken bradford bradley bradshaw brains bramble branch
branden brandi brando brandon brandy brasil bravehea braveheart braves bravo braxton brazil breaker breanna breast
breasts breath breathe breeze breezy bremen brenda brendan brenna brennan brent brett brewer brewster brian briana
brianna brians bricks bridge bridget briefs brigada briggs bright brighton brigitte brisbane bristol british britney
britta brittany brittney broadway brodie broken broker bronco broncos bronson bronze brooke brooklyn brooks brother
brothers brown browndog brownie browning browns bruce brucelee bruins bruiser brunette bruno brutal brutus bryan
bryant bryson bubba bubbas bubble bubblegum bubbles buceta buchanan buck buckaroo bucker bucket buckeye buckeyes
buckley buckshot buckwhea budapest buddah buddha buddie buddies buddy buddyboy buddydog buddys budgie budlight budlite
budman budweise budweiser buffalo buffer buffet buffett buffy buford bugatti bugger bugman bugsbunn builder building
bukkake bukowski bulldawg bulldog bulldogs buller bullet bulletin bullfrog bullit bullock bulls bullseye bullshit
bullwink bumble bummer bumper bunghole bungle bunker bunnie bunnies bunny buratino burger burgess burner burning
burnout burrito burton bushel bushido bushman business businessbabe busted buster bustle busty butch butcher butchie
butchy butkus butler butt buttbutt butter buttercu buttercup butterfl butterfly butters buttfuck butthead butthole
buttman button buttons butts buzzard buzzer bynthytn byteme cabbage cabernet caboose cabron cactus cadillac cadman
caesar caitlin caitlyn calamity calculus caldwell calendar calgary calibra calico caliente californ california
caligula calimero callahan callaway callie calling callisto callofduty callum calvin calypso camaro camaross camber
cambiami cambridg cambridge camden camel camelot camels cameltoe camera camero cameron camila camilla camille camilo
camino campbell camper camping campus canada canadian canary cancel cancer cancun candace candice candie candies
candle candles candy candyass candyman candys canine cannabis cannibal cannon cannonda canon canton cantona cantor
canuck canucks canyon capcom capecod capetown capital capitals capoeira capone caprice capricor capricorn capslock
captain caracas carajo caralho caramba caramel caravan carbon cardiff cardinal cardinals cards carebear carefree
carina carla carlin carling carlisle carlito carlitos carlo carlos carlotta carlton carman carmel carmen carmex2
carmine carnage carney carnival carol carola carole carolin carolina caroline carolyn carpedie carpediem carpente
carpet carrera carrie carroll carrot carrots carson carsten carter carthage cartier cartman cartoon cartoons carver
casablanca casanova cascade caserta casey caseydog cashew cashflow cashmone cashmoney casino casper cassandr cassandra
cassidy cassie cassius caster castillo castle castor castro casual cat123 catalina catalog catch22 catcher catdaddy
catdog caterina catfight catfish catfood catherin catherine catholic cathy catman catnip cats cattle catwoman caught
caution cavalier cavalry caveman cayenne cayman cazzone cbr600 cbr900rr ccbill cdtnbr cdtnkfyf ceasar ceaser cecile
cecilia ceckbr cedars cedric celeb celebrity celeron celeste celica celina celine celtic celtics cement center central
century cerber cerberus cerebus cesare cessna cevthrb cfitymrf cfvceyu cgfhnfr chachi chadwick chains chainsaw chair
chairman challeng chamber chambers champ champion champs chance chandler chandra chanel chang change changed changeit
changeme changes chango channel chantal chaos chapman chappy charge charger chargers charisma charity charle charlene
charles charley charli charlie charlott charlotte charlton charly charmed charming charon charter chase chaser
chastity chateau chatham chauncey chavez cheater check checker checkers checkit checkmat cheddar cheeba cheech cheeks
cheeky cheerleaers cheers cheese cheesy cheetah chelle chelse chelsea chelsey chemical chemist chemistry cheng cherie
cherokee cherries cherry cheryl cheshire chessie cheste chester chestnut chevelle chevrole chevrolet chevy chevys
chewbacc chewey chewie cheyanne cheyenne chiara chicago chicco chichi chicken chickens chicks chico chief chiefs
children chilli chillin chilly chimera china chinchin chinese chingon chinook chipmunk chipper chippy chiquita chitown
chivas chloe chocha chocolat chocolate choice chong chooch choochoo chopin chopper choppers chouchou chowchow chowder
chris chrisb chrisbln chriss chrissy christ christa christel christi christia christian christie christin christina
christine christma christmas christo christop christophe christopher christy chrome chronic chrono chronos chrysler
chuai chuang chubby chuck chuckie chuckles chucky chunky church churchil ciaociao ciccio cicero cigar cigars cimbom
cinder cindy cinema cinnamon circle circus cirrus citadel citation citibank citizen citroen citron citrus civic
civicsi civilwar cjkysirj cjkywt cjytxrf claire clancy clapton clarence clarinet clarissa clark clarke classic
classics claude claudi claudia claudine claudio claymore claypool clayton cleaner cleaning clemens clement clemente
clemson cleopatr cleopatra clerks cletus clevelan cleveland clever clifford cliffy clifton climax climber climbing
clinton clipper clippers clitoris closer cloud clouds cloudy clover clovis clown clowns clueless cluster clutch
cneltyn cnfkrth cnfybckfd cntgfy coach coaster cobain cobalt cobra cobras cocacol cocacola cocaine cochise cock cocker
cocks cocksuck cocksucker cocktail coconut codered cody coffee coffees cohiba coldbeer coldplay coleman collect
colleen college collie collin collins colnago colombia colombo colonel colonial colorado colors colossus colt45 colton
coltrane columbia columbo columbus comanche combat comcast comedy comein comeon comet comets comfort comicbookdb
comics coming command commande commander commando comment commerce common compact company compaq compass complete
complex compton compute computer computers concept concord concorde concrete condom condor confirm confused connect
conner connie connor conover conquer conquest conrad constant consuelo consult consumer contact content contest
contests continue contortionist contour contra contract contrasena control converse conway coochie cooker cookie
cookies cooking cool coolcat coolcool cooldude cooler coolgirl coolguy coolhand coolio coolman coolness cooper cooter
copenhag copper corazo corazon corbin cordelia cordoba corey corgan corina corinna corinne corleone corndog cornelia
cornell corner cornhole cornwall corolla corona corporal corpse corrado correct corsair corsica cortez cortina corvett
corvette corwin cosmic cosmo cosmos costanza costaric costello cosworth cottage cotton cougar cougars counter country
county couple couples courage courier courtney cousin coventry cowboy cowboys cowboyup cowgirl coyote crack cracker
crackers cradle crafty craig cramps crappy crash craven craving crawford crayon crazy crazybab crazyman cream creampie
creamy create creation creative creator creature credit creeper creepers creepy crescent crevice cricket criminal
crimson crispy crissy cristal cristian cristin cristina critter crjhgbjy crockett crocodil cromwell cronic crosby
cross crowbar crowley cruise cruiser crumbs crunch crusader crusher crusty crysis crystal csyekz csyjxtr cthtuf
cthulhu cthutq ctrhtn cubbies cubswin cucumber cuddles cueball cuervo culinary cullen cummer cumming cummins cumshot
cumslut cunt cunts cupcake curious curley curtis custard custer custom customer cutiepie cutlass cutter cvbhyjdf
cvthnm cxfcnkbdfz cxfcnmt cyber cybersex cyborg cyclone cyclones cyclops cygnus cynthia cypher cypress cyprus cyrano
dabears dabomb dabulls daddy daddyo daddys daedalus daemon daewoo dagger dagmar dagobert daisey daisy daisydog dakota
dalejr dallas dalshe dalton damage damian damien damion dammit damnit dance dancer dancing danger dangerou dangerous
danie daniel daniela daniele daniell daniella danielle daniels daniil danila danilka danilo danish danman danni danny
dannyboy dante dantes danzig daphne daredevi daredevil darian darina darius darkange darkangel darkelf darklord
darkman darknes darkness darkone darkside darkstar darlene darling darnell darrel darrell darren darryl darthvad
darthvader darwin dasani dasher dashka database dating datsun daughter dave davedave david davidb davidc davide
davidoff davids davidson davies davinci davis dawson daydream daylight daytek dayton daytona dazzle dbnfkbr dbnfkz
dbrecz dbrnjh dbrnjhbz deacon deadhead deadly deadman deadpool deadspin dealer deanna death deathnote deathrow deaths
debbie debora deborah december decembre decimal decker deedee deejay deepak deepblue deeper deepthro deepthroat
deerhunt deeznuts deeznutz default defaultpass defcon defender defense defiant deftones degree deicide dejavu delaney
delaware delboy delete delfin delgado delight delilah delldell delmar delphi delphin delphine delpiero delsol delta
deltas deluxe demon demons dempsey denali denied deniro denis denise deniska denmark dennis density dental dentist
denton denver depeche deputy derek derick derparol derrick descent desert design designer desire desiree deskjet
desktop desmond desperado destin destiny destroy destroyer details detect detectiv detroit deutsch deutschland device
devil devildog deville devilman devilmaycry devils devine devious dewalt dewayne dexter dezember dfcbkbcf dfcbkbq
dfhdfhf dfkthbz dfkthf dfktynby dfktynbyf dfvgbh dfytxrf dharma dhjnvytyjub diablo dialog diamant diamante diamon
diamond diamonds diana diane dianna dianne diaper diapers diciembre dick dickdick dickens dicker dickey dickhead
dickie dicks dickweed didier diego diehard dienstag diesel dietcoke dieter digger diggler digimon digital dilbert
dildo dildos dilligaf dillon dillweed dima dimadima dimanche dimension dimitri dimple dimples dinamo dinara dindom
dinero dingbat dingdong dinger dingle dinner dinosaur diplomat dipper dipset dipshit dipstick direct director dirtbike
dirty dirtydog disabled disaster discover discovery discus disney distance disturbed diver divers divine diving
divorce dixie django djdjxrf djkjlz dkflbckfd dkflbr dkflbvbh dkflbvbhjdbx dmband dmitriy dnsadm dobber doberman
doctor dodge dodger dodgeram dodgers dodges dog123 dogbert dogbone dogboy dogcat dogface dogfart dogfood dogger dogggg
doggie doggies doggy doggydog doggys doggystyle doghouse dogman dogmeat dogpound dogs dogshit dogwood doitnow dokken
doktor dolemite dollar dollars dolly dolores dolphi dolphin dolphins domain domenico domestic dominate domingo domini
dominic dominick dominik dominika dominion dominiqu dominique domino donald donjuan donkey donna donner donnerstag
donnie donovan dontknow donuts doobie doodle doodles doofus doogie dookie dooley doomed doomsday doorknob dorado
doreen dorian dorothy dortmund dotcom dottie double doubled douche dougal doughboy doughnut dougie douglas downer
downhill download downtown dracula drago dragon dragonba dragonball dragonballz dragonfl dragonfly dragons dragonz
dragoon dragrace dragster drake drakon draven dream dreamcas dreamcast dreamer dreaming dreams dresden drevil drifter
drifting driller drinker drive driven driver drizzt drjynfrnt droopy dropdead dropkick drowssap drpepper drummer drunk
drywall dshade dthjybrf dtkjcbgtl dtxyjcnm dublin ducati duchess duckduck duckhunt duckie duckman dude dudedude
dudeman dudley duffer duffman duke dukeduke dumbass dunbar duncan dundee dungeon dunhill dunlop dupont duracell
durango durham duster dustin dusty dutch dutchess dutchman dwayne dwight dylan dynamic dynamite dynamo dynasty eagle
eagles earnhard earth earthlin earthlink easter eastern easton eastside eastwood easypay eating eatme eatmenow
eatpussy eatshit ebony eclipse ecuador edcrfv eddie edgar edinburg edison editor edmond edmonton edmund edthom eduard
eduardo edward edwards eeyore egghead eggman eggplant egorka eightbal eighteen eileen einstein ejaculation ekaterina
ekmzyf elaine elbereth elcamino eldiablo eldorado eleanor electra electric electro electron elefant elektra element
elements elena eleonora elephant elevator eleven elgato elijah elisabet elisabeth elite elizabet elizabeth elizaveta
ellen ellie elliot elliott elmira elodie eloise elpaso elvira elvis elvisp elwood emanuel embalmer emerald emerson
emilia emilie emilio emily eminem emmanuel emmett emmitt emperor empire encore energy enero enforcer engage engine
engineer england english enigma enjoy enough enrico enrique enter enterme enternow enterpri enterprise enters entrance
entropy envelope envision epsilon equinox eragon eraser erasure erection eric erica ericeric ericka ericsson erika
ernest ernesto ernie erotic erotica errors escalade escape escher escobar escorpio escort eskimo espana espresso
esprit esquire estate esteban estelle esther estrell estrella eternal eternity ethernet euclid eugene eunice euphoria
eureka europa europe evanescence evangeli evangelion evelina evelyn everest everett evergree evergreen everlast
everques everquest everton everyday evgeniy evildead evilone evolutio evolution excalibu excalibur excellen excess
exchange excite exeter exigen exigent exodus exotic experience experienced expert explore explorer export express
extensa extreme eyeball ezekiel fabian fabie fabienn fabienne fabiol fabiola fabric fabrizio fabulous facebook
facefuck facial factor factory faggot fairlane faisal faith faithful fakepass falcon falcons fallen falling fallon
fallout falstaff familia family famous fanatic fandango fannie fantasia fantasies fantasti fantasy fantom fantomas
faraon farida farley farmboy farmer farrell farscape farside fartman fashion fastball fastcar faster fatass fatboy
fatcat fathead father fatima fatman favorite fduecn feanor fearless feather feathers febrero februar february federal
federica federico fedorov feeder feedme feelgood feeling feetfeet felicia felicity feline felipe felix fellatio fellow
female females fender feniks fenris fenway fergie fergus ferguson fernand fernanda fernande fernando ferrar ferrari
ferret ferris fester festival festus fetish fettish fevrier fghtkm fgtkmcby fhctybq fhntvrf fhvfutljy fialka ficken
fiction fiddle fidelio fidelity fields fiesta fifteen figaro fight fighter fighting figure filippo filter filthy
finalfantasy finally finance finder finger fingers finish finland fire fireball firebird fireblad fireblade firedog
firefigh firefire firefly firefox firehawk fireman firenze firestar firestorm firewall first fischer fish fishbone
fishcake fisher fisherma fisherman fishes fishface fishfish fishhead fishin fishing fishman fishon fishtank fister
fisting fitness fitter fivestar fkbyjxrf fkbyrf fktrcfylh fktrcfylhf fktrctq fktyeirf fktyrf flamengo flames flamingo
flanders flange flanker flash flasher flashman flashy flathead flatron flavor fleming fletch fletcher flexible flicks
flight flipflop flipmode flipper flippy floppy florence flores florian florida flounder flower flowers floyd flubber
fluffy flvbybcnhfnjh flyboy flyers flyfish flyguy flying focus fokker follow foobar foolish footbal football footjob
footlove footman forall forbes force forces ford fordf150 fordtruc foreman foreplay foreskin forest forester foreve
forever forfun forget forgetit forgot forgotten forlife format formula forrest forsaken forsberg fortress fortuna
fortune forum forward foryou fossil foster fosters fountain fourteen fowler foxfire foxtrot foxylady fozzie fraggle
fragile franc france frances francesc francesca francesco franci francine francis francisc francisco franck franco
francois frank frankie franklin franks franky fraser frasier frazier freak freaked freaks freaky freckles fred freddie
freddy frederic frederick frederik fredfred fredrick free freebird freedo freedom freefall freefree freeland freeman
freepass freeporn freesex freestyle freeuser freeway freewill freeze freiheit freitag fremont french frenchie frenchy
fresh fresno friday fridge friend friendly friends friendster fright fringe frisbee frisco frisky fritz frodo frog
frogfrog frogger froggie froggy frogman front242 frontier frosch frost frosty frozen fruehling fruhling fruitbat
fruity fubar fuck fuckall fucked fuckedup fuckem fucker fuckers fuckface fuckfuck fuckhead fuckher fuckin fucking
fuckinside fuckit fuckme fuckmehard fuckof fuckoff fuckshit fuckthat fuckthis fucku fuckyeah fuckyo fuckyou fugazi
fujifilm fujitsu fuking fulcrum fulham fullback fuller fullmoon fulton function fungus funny funstuff funtik funtime
funtimes furball furious furman fusion fussball futbol futurama future fuzzball fuzzy fyfcnfcbz fyfnjkbq fylhtq
fynjirf fynjybyf fytxrf fyutkbyf fyutkjxtr fyyeirf fzappa gabber gabrie gabriel gabriela gabriele gabriell gabrielle
gadget gaelic gagarin gagged gagging gaijin galant galary galaxy galeries galileo galina gallaries gallery galore
galway gambit gamble gambler gameboy gamecock gamecube gameover games gandalf gandolf gandon ganesh gangbang
gangbanged gangsta gangster ganjaman gannibal garage garbage garcia garden gardner gareth garfield gargoyle garion
garland garlic garner garnet garnett garret garrett garrison garter gasman gaston gateway gatito gator gatorade gators
gatsby gaucho gawker gayboy gaylord gaymen gazelle gbcmrf gbgbcmrf gbhfvblf gbpltw gbyudby gdtrfb geezer gegcbr geheim
geibcnbr gemini gender general generals generic genesis geneva genghis genius genocide gentle geoffrey geology georg
george georges georgia georgie georgina gerald geraldin gerard gerber gerbil gerhard german germany geronimo gerrard
gertrude gesperrt getlost getmein getmoney getoff getout getsome getting gfgfvfvf gfhjdjp gfhjkm gfhjkmgfhjkm gforce
gfynthf ghbdtn ghbdtnbr ghbdtndctv ghbdtnrfrltkf ghblehjr ghbrjk ghbywtccf ghetto ghjcnbnenrf ghjcnj ghjcnjgfhjkm
ghjcnjnfr ghjcnjq ghjdthrf ghjnjnbg ghjuhfvvf ghost ghostrider ghosts gianluca gianni giant giants gibson gideon
gidget gigabyte giggle giggles gilbert gilles gillian gilligan gilmore ginger ginola ginscoot giorgi giorgio giovanna
giovanni giraffe girfriend girl girlie girlies girls gisela gitara giulia giuseppe giveitup giveme gizmo gizmodo
gizmos gizzmo gjhjkm gjkbyf glacier gladiato gladiator gladys glamour glasgow glasses glassman glenda glendale glenn
glennwei glenwood glider glitter global globus gloria glory glover gloves gmoney gn56gn56 goalie goarmy goatboy goaway
gobears gobigred goblin goblue gobucks gocats gocubs godawgs godbless goddess godfathe godfather godiva godlike
godsmack godspeed godzilla goethe gofast gofish goforit gogators gohome goirish gold goldberg golden goldeney
goldeneye goldfing goldfish goldie goldrush goldstar goldwing golf golfball golfclub golfer golfgolf golfgti golfing
golfman golfnut golfpro goliath gollum gomets gonavy gonzales gonzalez gonzo goober goochi good goodboy goodbye
goodday gooddog goodfell goodgirl goodguy goodie goodison goodlife goodluck goodman goodness goodsex goodtime goodwill
goodwin goodyear goofball goofy google gooner goonies goose gooseman gopack gopher gophers gordon gorgeous gorilla
gorillaz gotcha gotenks gotham gothic gotigers gotmilk gotohell gotribe gotyoass govols grace gracie graduate graham
gramma grammy gramps granada grandam grande grandma grandpa grandpri granite granny grant grapeape grapes graphic
graphics grateful gratis graves gravis gravity grayson graywolf grease great greatest greatone greatsex greece
greedisgood greedy green greenbay greenday greene greenman greens greentea gregor gregory gremlin grendel gretchen
gretta gretzky greyhoun greywolf griffey griffin griffith grimace grinch grinder gringo grisha grizzly gromit groove
groovy groucho ground groups grover growler grumpy gryphon gstring gsxr750 gthcbr gtnhjdbx guang guardian guess
guesswho guest guevara guillaum guillerm guilty guiness guinness guitar guitars gulliver gulnara gundam gunnar gunner
gunners gunther gustav gustavo gutter guyver gymnast gymnastic habibi hacked hacker hackers hackerz hacking haggis
hailey hairball hairy hal9000 halcyon halflife halifax hallie hallo hallowee halloween hambone hamburg hamburger
hamilton hamish hamlet hammer hammers hammond hamper hampton hamster hancock handbag handball handle handsome handyman
hanna hannah hannes hannibal hannover hansen hansol hansolo hanson hanuman happines happiness happy happyday happydog
happyman harald harbor harcore hard hardball hardcock hardcore harddick harder hardon hardone hardrock hardware
hardwood hardwork harlem harley harman harmon harmony harold harper harpoon harpua harrier harriet harris harrison
harry harrypotter harrys hartford hartley harvard harvest harvey haslo hassan hastings hatred hatter hatteras hattie
hattrick havana havefun having hawaii hawaiian hawker hawkeye hawkeyes hawkins hawthorn hayabusa hayden hayley hazard
hazmat head headache headless headshot health heart hearts heater heathe heather heaven heavenly heckfy hector
hedgehog hedges heeled heidi heineken heinlein heinrich hejsan helen helena helene helios helium hellas hellboy
hellfire hellno hello hellohel hellokitty helloo hellos hellow hellsing hellyeah helmet helmut help helpdesk helper
helphelp helpless helpme helsinki hemlock hendrix henley hennessy henning henrik henry hentai herbert herbie herbst
hercule hercules herewego herfst heritage herman hermann hermes hermione hernande heroes herring hershey hesoyam
hester hetfield hewitt hewlett heynow heyyou hfljcnm hfytnrb hickory hidden higgins highbury higher highheel highland
highlander highlife highway hiking hilary hillary hillbill hillside hilltop hilton hiphop hippie hirsch history
hitachi hithere hitler hitman hiver hiziad hjccbz hjvfirf hobart hobbes hobbit hockey hoffman hogtied hogwarts hokies
hola holahola holdem holden holger holiday holidays holland hollie hollow holly hollywoo hollywood holmes holycow
holyshit hombre home homeboy homebrew homeless homely homemade homepage homer homerj homers homerun homework honda
hondacbr hondas honduras honest honesty honey honeybee honeybun honeydew honeys hongkong honolulu hoochie hookem
hooker hookers hookup hooligan hooper hoosier hoosiers hooter hooters hootie hoover hooyah hopeful hopeless hopkins
hopper horace horatio horizon horndog hornet hornets horney horny hornyguy hornyman horror horse horseman horsemen
horses horton hospital hotass hotbabes hotbox hotboy hotchick hotdog hotdogs hotgirl hotgirls hotlegs hotlips hotmama
hotman hotone hotpussy hotrats hotred hotrod hotsex hotshit hotshot hotspur hotstuff hotter hottest hottie hotties
hottub houdini hounddog house houses housewife housewifes houston hover howard howdy howell htubcnhfwbz huang hubert
hudson hugetits hughes hugoboss hulkster humble humbug hummel hummer humphrey hungry hunter hunters hunting hurley
hurrican hurricane husband husker huskers huskies hussain hustle hustler hybrid hydrogen hyperion hyundai iamcool
iamgod ib6ub9 ibanez ibilltes ibrahim icarus iceberg icecold icecream icecube icehouse iceland iceman icetea icu812
idefix idiot idiots idontkno idontknow idunno iforget iforgot ignatius iguana ihateyou iiyama ijrjkfl ijrjkflrf
ilikeit ilikepie ilikesex illini illinois illmatic illusion ilovegod iloveit iloveme iloveporn ilovepussy ilovesex
iloveu iloveyo iloveyou imagine imation imhorny immortal impact impala impalass imperial implants impreza impulse
imtheman imzadi incubus indain india indian indiana indians indigo indira indycar infamous infantry infected inferno
infinite infiniti infinity information ingram ingrid inlove innocent insane insanity insecure insert insertions inside
insider insight insomnia inspiron install instant instinct integra integral intel interacial intercourse interest
intern internal interne internet intrepid intruder inuyasha inverno invest invictus invierno iomega iphone ipswich
irakli ireland irina irinka irish irisha irishka irishman iriska ironhors ironmaiden ironman irving isaac isabel
isabell isabella isabelle isaiah iscool ishmael island islander ismail israel issues istanbul istheman italia italian
italiano itisme ivanhoe ivanov ivanova iverson iwantu jabber jabroni jachin jack jackal jackass jackdog jacket jackie
jackjack jackoff jackpot jackson jacob jacobs jacques jacqui jaeger jagger jaguar jaguars jakarta jake jakejake
jakester jamaica james jamesb jamesbon jamesbond jameson jamess jamie jammer jammin janelle janet janeway janice
janina janine januar january janvier japan japanees japanese jared jarhead jarrett jarrod jarvis jasmin jasmine jason
jasons jasper javelin javier jaybird jaycee jayden jayhawk jayhawks jayman jayson jazmin jazmine jazzman jeadmi
jeanette jeanne jeannie jediknig jeeper jeepers jeepster jeff jefferso jefferson jeffery jeffjeff jeffrey jeffro
jehovah jelena jelly jellybea jellybean jenifer jenkins jenna jennaj jennie jennife jennifer jennings jenny jensen
jeremiah jeremy jericho jerkoff jermaine jerome jerry jersey jesper jesse jessic jessica jessie jester jesus jethro
jetski jeudi jewell jewels jewish jezebel jiang jiggaman jigsaw jillian jimbeam jimbo jimbob jimmie jimmy jimmys
jingle jingles jiong jktxrf jktymrf joanna joanne joaquin jocelyn jockey joeblow joebob joecool joejoe joelle joemama
joey johann johanna johannes john johnboy johncena johndeer johndoe johngalt johnjohn johnnie johnny johnson johnston
joker jokers jolene jomama jonatha jonathan jonathon jonboy jones jonesy jorda jordan jordon jordyn joseph josephin
josephine joshua josiah journey joyful joystick jrcfyf jsbach juanita juanito jubilee judith jueves juggalo jughead
juice juillet juli julia julian juliana julie julieann julien juliet juliette julio julius july jumanji jumper june
juneau junebug jungle juni junio junior juniper junkie junkmail jupiter jurassic just4fun just4me justdoit justice
justin justinbieber justine justme justus juventus kaboom kahlua kahuna kaiser kaitlyn kakarot kakashi kakashka kaktus
kalina kamasutra kamikadze kamikaze kamila kamilla kangaroo kansas karachi karamba karaoke karate kareem karen karin
karina karine karma karolina kashmir kasper katana katarina katelyn katerina katherin katherine kathleen kathryn kathy
katie katrin katrina katten katzen kavkaz kawasaki kayla kaylee kayleigh kazanova kazantip kbctyjr kcchiefs kcj9wx5n
keegan keenan keeper keepout keesha keisha keith keller kelley kellie kelly kelsey kelvin kendall kendra kennedy
kenneth kennwort kenny kenobi kenshin kentucky kenwood kenworth kenzie kermit kernel kerouac kerrie kerstin kestrel
kevin keyboard keystone keywest kfcnjxrf kfgjxrf kfhbcf kickass kicker kickflip kicksass kidney kidrock kieran
kikimora killah killbill killer killers killian killjoy killkill killme killzone kilroy kimball kimber kimberly kimchi
kimmie kinder kindred king kingdom kingfish kingking kingkong kingpin kings kingston kingtut kinky kipper kirby kirill
kirkland kirsten kirsty kismet kisses kissing kisskiss kissme kissmyas kissmyass kitchen kiteboy kitkat kitten kittens
kittie kitties kitty kittycat kittykat kittys kjifhf kjiflm kjkszpj kjrjvjnbd klaatu klaste klaster klaudia kleenex
kleopatra klingon klizma klondike klopik klopklop knickerless knickers knicks knight knights knockers knopka knuckles
kodiak kokomo kolbasa koleso kolibri kolobok kolokol kombat komodo komputer konrad konstantin kontakt kontol konyor
kookie koolaid korean koroleva korova koshka kosmos kostik kostya kotaku kotenok kraken kramer krasota krasotka
krishna krissy krista kristen kristi kristian kristie kristin kristina kristine kristy krokodil krolik kronos kruger
krusty krypto krypton krystal ksenia kseniya ksusha kthjxrf ktyjxrf kuang kubrick kungfu kurtis kuwait labonte
labrador labtec lacoste lacrimosa lacrosse ladder laddie ladies ladybird ladyboy ladybug laetitia lagnaf laguna
lagwagon lahore lakers lakeside lakewood lakota lakshmi lalakers lambchop lambda lambert lamborghini lamont lampard
lancaste lancaster lance lancelot lancer lancia lander landmark landon landrove langley lansing lantern lapochka
laptop laracroft larisa larissa larkin larry larsen larson larsson lasalle laser laserjet lasers lassie lasttime
lasvega lasvegas latin latina latinas latino laughing laura laurel lauren laurence laurent laurie lavalamp lavender
lawman lawrence lawson lawyer lazarus lbtest lbvjxrf leader league leahcim leanne learjet leather leavemealone leaves
lebanon lebowski ledzep leeann leedsutd leeloo leeroy legacy legend legenda legends legion legman legolas lehjxrf
leinad lekker leland lemans lemmein lemmings lemon lemonade lemons leningrad lennon lennox lenny lenochka lente
leonard leonardo leonid leonidas leonie leopard leopold lesbain lesbean lesbens lesbian lesbians lesbos lesley leslie
lespaul lestat lester leticia letmei letmein letmeinn letmesee letsdoit letsfuck letsgo letsplay letter letters lewis
lexingky lexmark lexus lfitymrf lfybbk lfybkf lhfrjy liang libero libertad liberty libido library licker licking
lickit lickme lifehack lifeisgood lifetime light lighter lighthou lighthouse lighting lightnin lightning lights lilbit
lilian liliana lilith liliya lillian lillie lilly lilman lilwayne limewire limited lincoln linda linden lindros
lindsay lindsey lineage lingerie linkin lionel lioness lionhear lionheart lionking lions lipstick lipton liquid lisa
lisalisa lisenok listen lister lithium little littlema livelife liverpoo liverpool livewire living lizard lizzard
lizzie ljxtymrf llamas loaded loader lobster location lockdown locked locker lockerroom lockout locoloco locust
locutus logan logger logical logitech loglatin lokiloki lokomotiv lol123 lolipop lolita lollipop lollol lollypop
lololol loloxx lombard london lonely lonesome lonestar lonewolf long longbow longdong longer longhair longhorn
longhorns longjohn longshot lonnie looker lookin looking lookout lookup loomis looney looper looser lopata lorelei
lorena lorenz lorenzo loretta lorien lorraine losangel losangeles losenord loser losers lothar lottie lotus loudog
louie louis louisa louise loulou lourdes love lovebug lovehate loveis loveit lovejoy loveless lovelife lovelove lovely
loveme lover loverboy loverman lovers lovesex loveya loveyou loving lowell lowrider loyola ltkmaby ltybcrf ltymub
lucas lucent lucian luciana luciano lucien lucifer lucille luckie lucky luckydog luckyme luckyone luckys ludacris
ludmila ludwig lugano lumber lumina lunatic lunchbox lundi lunes luscious luther lvbnhbq lynette macaco macaroni
macbeth macdaddy macgyver machine machines machoman maciek macintos macintosh mackenzi mackie macleod macman macross
madagaskar madcat madcow madden maddie maddison maddog maddux madeline madina madison madman madmax madness madonna
madrid maerz maestro magadan maganda magazine magdalena magelan magellan magenta maggie maggot magic magical magician
magick magicman magics magnet magneto magnolia magnum magnus magpie magpies mahalkita mahalo mahler maiden
mailcreated5240 mailman mailru mainland maison majestic major makaka makaveli makayla makeitso maksim maksimka malachi
malaga malaka malakas malaysia malcolm malibu malice malika malina malinka malish mallard mallorca mallory mallrats
malone mama123 mamacita mamamia mamapapa mamita mammoth mamochka mamont manage manager manatee manchest manchester
mancity mandarin manders mandingo mandolin mandrake mandy manfred mango mangos manhatta maniac manifest manila mankind
mannheim manning manolo manowar manson mantis mantle mantra manual manuals manuel manuela manunited manutd maradona
marajade marathon marauder marble marbles marcel marcela marcella marcello marcelo march marcia marcin marco marcos
marcus mardi margaret margarit margarita margie margot maria mariah mariam marian mariana marianna marianne marie
mariel marijuan marijuana marika mariko marilyn marin marina marine mariner mariners marines marinka marino mario
marion maripos mariposa marisa marishka marissa marita marius mariya marjorie mark marker market marketin marketing
markie markiz markiza markmark markus marlboro marlene marley marlin marlins marlon marlow marmite marnie marquis
marriage married marriott marseill marseille marsel marsha marshal marshall martes martha martian martin martina
martine martinez martini marty marusya marvel marvin mary maryam maryann maryanne marybeth maryjane maryland marymary
marz marzo masamune maserati mashka mason massage massey massimo massive maste master masterbaiting masterbate
masterbating masterkey mastermi mastermind masterp masters masturbation matador matchbox mathew mathias mathieu matias
matilda matisse matrix matros matt matteo matthe matthew matthews matthias mattie mattingl mattmatt mature maureen
maurice maurici mauricio maurizio maurolarastefy maveric maverick max123 maxdog maxell maxim maxima maxime maximilian
maximka maximo maximum maximus maxine maxmax maxpayne maxpower maxwell maxxxx mayday mayfair mayfield mayhem maynard
mayo mazafaka mazda mazdarx7 mccarthy mcdonald mckenna mckenzie mclaren meadow meagan meandyou meatball meathead
meatloaf mechanic media medic medical medicine medina medion medusa medved megadeth megaman megan megane megapass
megatron meggie meghan meister melani melanie melina melinda melisa meliss melissa mellon mellow melody melons melrose
melvin member memorex memories memory memphis menace mendoza mensch mental menthol mentor mentos meonly meowmeow
meowmix mephisto mercede mercedes mercer merchant mercredi mercury meredith meridian merlin merlot merlyn mermaid
merrill mersedes message messenger messiah messier metal metall metallic metallica meteor method methos metroid
mexican mexico miami miamor michae michael michaela michaels michal micheal michel michele michell michelle michigan
mickey micro microlab micron microphone microsof microsoft middle midget midland midnight midnite midori midway
miercoles mierda mighty miguel mihail mikado mikael mikayla mike mikemike mikey mikkel milamber milan milana milano
mildred milena miles milfnew milhouse military milkman milkyway millenium miller millie million millions millwall
milton mimosa mine minecraft minemine minerva mingus minime minimoni minimum ministry minnesot minnesota minnie minute
miracle mirage miranda miriam mirror mischa mischief misery misfit misfits misha mishka misiaczek misiek misses missie
missing mission mississi mississippi missouri missy mistake mister mistral mistress misty mitch mitchel mitchell
mittens mittwoch mizuno mizzou mjolnir mobile mobydick model models modelsne modena modern modles mogwai mohamed
mohammad mohammed mohawk mojave mojojojo mollie molly mollydog moloko molotok molson momdad moment mommy momoney
momsanaladventure momsuck monaco monalisa monarch monday mondeo money moneyman moneys mongol mongoose monica monies
monika monique monitor monke monkey monkeybo monkeyboy monkeyma monkeyman monkeys monolith monopoly monroe monsoon
monste monster monsters montag montana monte montecar montecarlo monterey montero montgom240 montoya montreal montrose
monty moochie moocow mookie moomoo moon moonbeam moondog mooner mooney moonligh moonlight moonman moonshin moonshine
moore moose mooses morales morbid mordor morena moreno morgan morgana morgoth moritz morley morning morozova morpheus
morris morrison morrow morrowind mortal morten mortgage morticia mortimer mortis morton mosaic moscow moses moskva
motdepasse mother motherfu motherfucker motherlode mothers mothra motion motley motocros motocross motorcyc motorola
motors motown mountain mouse mouser mouses mousey mouth movers movie movies mowgli mozart mrbill mudvayne mueller
mufasa muffdive muffin muffins muhammad mulder muller mullet mulligan multiplelo munchkin munich munson munster muppet
murder murdock muriel murphy murray murzik musashi muschi muscle muscles mushroom music musica musical musician
musicman muskrat muslim mustafa mustan mustang mustangs mustard mutant mutley mutter muttley mybaby myboys mydick
myfriend mygirl mygirls mykids mylife mylove myname mynameis mypass mypasswo mypassword myporn mypussy myrtle mysecret
myself myspace mystery mystic mystical mystuff mytime myworld myxworld nachos nacked nadejda nadezhda nadine naked
namaste nancy nanook napalm napass naples napoleon napoli napster narnia naruto nascar nassau nastena nastenka nastia
nasty nastya nataha natali natalia natalie nataly natalya natascha natasha natchez natedog natedogg nathalie nathan
nathanie nathaniel nation national native natural nature naught naughty nautica nautilus navajo navigato navigator
navyseal nazgul nbvjatq ncc1701 ncc1701a ncc1701d ncc1701e ne1469 nebraska nebula necklace needforspeed needle needles
negative nellie nelson nemesis neptune nermal nestle nestor netscape nettie network neutron nevada never nevermin
nevermind nevermor nevermore nevets neville newark newbie newcastl newcastle newday newhouse newjob newlife newman
newness newone neworder newpass newport newstart newton newuser newyear newyork nextel nfhfrfy nfnmzyf nfytxrf nguyen
nhfrnjh niagara niang niceass niceguy nicetits nichola nicholas nichole nick nickel nickels nickie nicknick nickolas
nicol nicola nicolas nicole nielsen nigeria nigga niggaz nigger niggers night nightmar nightmare nightowl nights
nightwin nightwish nikita nikitos nikki niklas nikola nikolai nikolas nikolay nimbus nimitz nimrod nineball nineinch
niners nineteen ninja ninjas nintendo nipper nipple nipples nirvan nirvana nissan nitram nittany nobody nocturne
noelle nofear nogard nokia nolimit nomore noname none nonenone nonmembe nonstop noodle noodles nookie nopass
nopassword norbert noreen norfolk normal norman normandy norris north northern norton norway norwich norwood nosferatu
nostromo notebook nothing notnow notredam notused nounours novell november novembre noviembre novikova nthvbyfnjh
ntktajy ntktdbpjh nuclear nudist nudity nugent nugget nuggets number numbers nurlan nurses nursing nutella nutmeg
nutter nuttertools nwo4life nygiants nyjets nylons nymets nympho nyyankee oakland oakley oaktree oasis oatmeal obelix
oberon obiwan objects oblivion obsidian ocean oceans ocelot october octobre octopus octubre odessa odyssey oedipus
office officer offroad offshore offspring ohbaby ohmygod ohshit ohyeah oicu812 oilers okinawa oklahoma okmijn oksana
oktober oldfart oldman olemiss olenka olesya olga oliver olives olivia olivier olympia olympic olympus omega omegared
omerta omicron onelove onepiece onetime onetwo onions online onlyme onlyone ontario open opendoor openit openme
opennow openopen openup operator ophelia opiate optical optima optimist optimus option options optiplex oracle oralsex
orange oranges orbital orchard orchid oregon orgasm orgasms orient origin original orioles orion orlando orleans
orpheus ortega orwell oscar oscars osgood osiris osprey oswald othello otono ottawa ou8122 outback outkast outlaw
outlaws outside outsider ovation overkill overlord ownage oxford oxygen oyster p0015123 pa55w0rd pa55word pablo pacers
pacific pacino packard packer packers pacman paddle padres paint paintbal paintball painter painting paisley pajero
pakista pakistan palace paladin palermo pallmall palmer palmtree paloma pamela panache panama panasoni panasonic
pancake pancakes pancho panda pandas pandora panhead panorama panter pantera panther panthers panties pants pantyhos
pantyhose panzer papabear papamama paper paperino papers papillon papito paradigm paradis paradise paradox paragon
paramedi paramore paranoia paranoid paris parker parkour parlament parol parola paroll parool parrot parsifal parsons
partizan partner partners party pasadena pascal pass passat passcode passes passfan passion passmast passme passord
passpass passphrase passport passthie passw0rd passwd passwor password passwords passwort pastor pasword patata patate
patches pathetic pathfind pathfinder patience patric patrice patrici patricia patrick patrik patriot patriots patrizia
patrol patron patterso patton patty paul paula paulie paulin paulina pauline paulpaul pavel pavement pavilion pavlik
pavlov pavlova paxton payday payton pdiddy pdtplf peabody peace peaceful peaceout peach peaches peachy peacock peanut
peanuts pearl pearljam pearls pearson peavey pebble pebbles pecker peddler pedersen pedro peekaboo peeper peepers
peewee pegasus pelican pencil pendejo penelope penetrating penetration penfold penguin penguins penis pennstat penny
pennywis pentagon penthous pentium people pepito pepper peppers pepsi peregrin perfect perkele perkins perrin persian
persik person persona personal pertinant pervert peter peterbil peternorth peterpan peters peterson petite petra
petrov petrova petrovich petrus petunia peugeot peyton pfkegf pfloyd pfqxbr phaedrus phantom pharao pharmacy pheonix
phialpha philip philipp philippe philips phillies phillip phillips philly phish phishy phoebe phoeni phoenix phone
phones photo photog photon photos phpbb phrases phreak phyllis physics piano pianoman pianos piazza picard picasso
piccolo picher pickle pickles pickup picnic pictere pictuers picture pictures picturs pierce piercing pierre pietro
pigeon piggies piglet pigpen pikachu pilgrim pillow pilot pilots pilsner pimp pimpdadd pimpdaddy pimpin pimping
pimpster pinball pineappl pineapple pinetree pingpong pinguin pingvin pinhead pinkfloy pinkfloyd pinkie pinky pinnacle
pintail pioneer pioner pipeline piper pippen pippin pippo piramida pirate pirates pisces pissed pisser pissing pissoff
pistol piston pistons pitbull pitcher pitchers pitures pixies pizdec pizza pizzahut pizzaman pizzas pjkjnj placebo
places placid planes planet planeta planner plants plasma plaster plastic plastics platinum platon platypus playball
playboy player players playing playmate playstat playstation playtime please pleasure plokij ploppy plumber plumbing
plummer pluto plymouth pobeda pocket poetry pointer poison poisson pokemo pokemon poker poland polaris polaroid police
policy polina polish politics pollux polly polniypizdec0211 polopolo polska pomidor pommes pompey poncho pontiac
ponyboy poobear poochie poodle poohbear pookey pookie poontang poop pooper poophead poopie poopoo pooppoop poopy
pooter popcorn popeye popova popper poppie poppy poptart porkchop porn pornking porno pornographic pornos pornporn
pornstar porsche porshe portal porter portia portland portugal poseidon positive possum postal poster postman potato
potatoes pothead potter pounded pounding powder powell power powerful powerman powers prague praise prancer praxis
prayer prayers preacher precious predator pregnant prelude premier premiere premium presario present presiden
president presley pressure prestige presto preston pretty pretzel priest primal primavera primus prince princes
princesa princess princessa princeto pringles printemps printer printing priscill prissy privacy privat private privet
priyanka probes prodigy produce producer product professional professor profile profit program progress project
promise pronto property prophecy prophet prospect prosper prosto protect protocol proton protoss prototype proview
prowler proxy prozac prudence psycho public puddin pudding puddles puffer puffin puffy pugsley pulled pulsar pumkin
pumper pumpkin pumpkins punani punisher punjab punkass punker punkin punkrock punter pupkin puppet puppies puppy
puppydog puppys pupsik purdue purple pushing pushkin pushok pussey pussie pussies pusssy pussy pussycat pussyeat
pussylover pussyman pussys putter puzzle pyramid pyramids python q12345 q123456 q1q2q3 q1w2e3 q1w2e3r4 q1w2e3r4t5
q1w2e3r4t5y6 q2w3e4r5 qawsed qawsedrf qawsedrftg qaywsx qaz123 qazplm qazqaz qazwsx qazwsxed qazwsxedc qazwsxedcrfv
qazwsxedcrfvtgb qazxcv qazxsw qazxswedc qazzaq qiang qiong qpalzm qqq111 qqqqq1 qqqwww qqwwee quaint quaker quality
quantum quarter quartz quasar quattro quebec queen queenie queens quentin quest question quincy qwaszx qwe123
qwe123qwe qweasd qweasdzx qweasdzxc qwedsa qwedsazxc qweewq qweqwe qwer12 qwer123 qwer1234 qwerasdf qwerasdfzxcv qwert
qwerty qwertyu qwertyui qwertyuio qwertyuiop r2d2c3po rabbit rabbits rabota racecar racer racers racerx rachael rachel
rachelle racing radeon radical radio radiohea radiohead radius raduga rafael ragman ragnar ragnarok raiden raider
raiders railroad rainbow rainbows raindrop rainer raining rainman rainyday raistlin raketa raleigh ralph ralphie
ramada rambler rambo ramirez ramjet rammstei rammstein ramona ramones rampage ramrod ramses ramsey ramstein ramzes
rancid randall randolph random randy ranetki ranger rangers ransom raphael rapier rapper raptor raptors rapture
rapunzel raquel rascal rasdzv3 rashid rasmus rasputin rasta rastaman raster rastus ratboy ratman rattle rattler raven
ravens rawhide rayman raymond razz rbcekz rbhbkk rctybz rdfhnbhf reader readers reading ready reagan reality really
realmadrid realtor reaper reason reaver rebecca rebekah rebel rebels rebelz reboot reborn recall reckless record
records recovery red123 redalert redbaron redbird redbone redbull redcar reddevil reddog reddwarf redeye redfish
redfox redhat redhead redheads redhot redleg redlight redline redman redneck redone redrose redrum redskin redskins
redsox redstar redstorm redwall redwine redwing redwings redwolf redwood reebok reefer reeses reeves referee reflex
regent reggae reggie regina reginald regional register rehbwf reilly reindeer release reliant reload reloaded remember
remingto remington remote renata renate renato renault renee renegade rental repair repoman report reptile republic
requiem rereirf rerfhtre rescue research reserve resident respect restart restless retard retire retired retsam return
reuben reveal revenge review reviews revoluti revolution revolver rewind reynolds reznor rfgbnjirf rfgecnf rfhbyf
rfhfgep rfhfvtkmrf rfhfylfi rfhlbyfk rfhnjirf rfnthbyf rfntymrf rfrfirf rfrnec rfvfcenhf rhbcnbyf rhfcfdbwf rhfcjnf
rhfcjnrf rhiannon rhino rhinos rhjkbr rhjrjlbk rhodes rhonda rhtdtlrj rhubarb rhythm ribbit ricard ricardo riccardo
richar richard richards richie richmond richter rick rickie rickster ricky riddick riddle riddler rider riders
riffraff rigger rightnow riley rimmer ringer ripken ripley ripped ripper ripple riptide rising ritter river rivera
riverrat rivers riversid riverside rjcvjc rjhjdf rjhjkm rjhjktdf rjirfrgbde rjitxrf rjntyjr rjnzhf rjycnfynby
rktjgfnhf roadkill roadking roadrunn roadrunner roadster roadway robbie robbins robert roberta roberto roberts robin
robinhood robins robinson robocop robot robotech robotics robots robson rochard rochelle rock rocker rocket rockets
rockey rockford rockhard rockie rockies rockin rockman rocknrol rocknroll rockon rockrock rocks rockstar rockwell
rocky rodent rodger rodina rodman rodney rodrigo rodrigue rodriguez roger rogers roland roller rollin rolling rollins
rolltide roman romance romania romano romanov romanova romans romantic romario romaroma romashka romeo romero rommel
romulus ronald ronaldinho ronaldo ronnie roofer rookie rooney rooster roosters rootbeer rootedit rooter rosanna
rosario roscoe rose rosebud rosemary roserose rosewood rosie rosita rostov roswell rotary rotten route66 router rover
rovers rowena rowing roxanne royal royals royalty royboy rsalinas rtyuehe rubber rubble rubicon rudeboy rudolf rudolph
rufus rugby rugger rugrat rugrats rules rulez rulezzz rumble runaway runescape runner running rupert rush2112 rushmore
rushrush ruslan russel russell russia russian rustam rusty rustydog rutgers ruthie ryan sabado sabaka sabbath sabina
sabine sabres sabrin sabrina sachin sacred saddam saddle sadie safari safety safeway saffron sahara saibaba saigon
sailboat sailing sailor saint saints sairam saiyan sakura salamander salami salasana saleen salesman salinas sally
salman salmon salome salomon salope salsero saltydog salvador salvator salvatore sam123 samadams samanta samanth
samantha samara samdog samedi samiam samira sammie sammy sammydog sammys samoht sampson samson samstag samsun samsung
samtron samuel samurai sanane sanchez sancho sandberg sander sanders sandie sandiego sandman sandra sandrine sandro
sandwich sandy sanford sanfran sanity sanjay sanjose santa santacru santafe santana santiag santiago santino santos
sapper sapphic sapphire sarah sarajevo sarasara saratoga saratov sarina sarita sascha sasha sashka saskia sassy sasuke
satan satana satchmo satellit satellite sativa satori saturday saturn saunders sauron sausage sausages savage savanna
savannah savior sawyer saxman saxophon sayang scamper scandinavian scania scanner scarab scarface scarlet scarlett
scenery schalke schatz scheisse schmidt schmuck schnuffi school schubert schultz schumi science scirocco scissors
scoobie scooby scoobydo scoobydoo scoote scooter scorpi scorpio scorpion scorpions scotch scotland scott scottie
scotts scotty scout scouts scrabble scrapper scrappy scratch scream screamer screen screwy screwyou script scroll
scrooge scrotum scruffy scuba scully scumbag seabass seabee seadog seadoo seagull seahawks seahorse sealteam seaman
seamus searay search seaside season seattle seaweed seawolf sebastia sebastian sebastie sebora sebring second secret
secrets section secure security sedona seductive seeker seeking segreto seinfeld sekret select selena selina selmer
seminole semper semperfi senate senator senators seneca senha senior sensei sentinel sentra sentry sephirot sephiroth
septembe september septembre septiembre serega serena serenity sergbest sergeant sergei sergey sergi sergio series
serious serpent sersolution server service services sesame sestra seven sevens seventeen seventy severin sevilla
seville seviyi sex123 sex4me sexgod sexman sexpot sexsex sexsexse sextoy sexual sexxxx sexxxy sexy sexyass sexybabe
sexybitch sexyboy sexygirl sexylady sexymama sexyman sexyme sexyone sexyred sexysexy seymour sfgiants shades shado
shadow shadows shaggy shaker shakes shakira shakur shalom shaman shamil shampoo shamrock shamus shandy shane shaney14
shang shanghai shania shanna shanno shannon shanti shaolin shark sharks sharky sharma sharon sharpe sharpie shasta
shauna shaved shawn shawna shawnee shayla shayne shazam shearer sheba sheeba sheena sheepdog sheets sheila shelby
sheldon shell shelley shells shelly shelter shelton shemale sheng shepherd sheridan sheriff sherlock sherman sherri
sherry sherwood sheryl shevchenko shibby shibumi shield shifty shiloh shimano shimmer shiner shinigami shinji shinobi
shirley shit shitface shitfuck shithead shitshit shitter shitty shiznit shock shocker shodan shogun shojou shonuf
shooter shopper shopping short shorty shotgun shotokan shovel shower showing showme showtime shredder shrimp shrink
shuai shuang shurik shuttle shutup sickboy sickness sidekick sidewind sidney siemens sienna sierra sigmachi sigmar
signal sigrid silence silent silicon silly silver silverad silverado silvia simba simcity simmons simon simona simone
simons simple simply simpson simpsons sinatra sinbad sincity sinclair sinful singapor singapore singer single sinister
sinned sinner siobhan sirius sister sisters sithlord sixers sixpack sixteen sixtynin sizzle skate skateboard skater
skating skeeter skeleton skibum skidoo skiing skilled skillet skills skillz skinhead skinner skinny skipper skippy
skittles skolko skorpion skulls skydive skydiver skyhawk skylar skylark skyler skyline skynet skywalke skywalker
slacker slainte slamdunk slammer slapnuts slapper slappy slapshot slasher slater slave slavik slayer slayers sledge
sleeper sleeping sleepy slicer slick slider slimjim slimshad slimshady slinky slipkno slipknot slipper slippery slippy
sliver slonik sloppy slowhand slugger sluggo slut sluts sluttey slutty smackdow smackdown small smalls smartass smarty
smashing smeghead smegma smeller smelly smile smiles smiley smirnoff smirnov smirnova smith smithers smiths smithy
smitty smoke smokedog smoker smokes smokey smokie smokin smoking smooch smooth smoothie smother smudge snake snakeman
snakes snapon snapper snapple snappy snapshot snatch sneakers sneaky snicker snickers sniffer sniffing sniper snooker
snookie snoop snoopdog snoopdogg snoopy snowball snowbird snowboar snowboard snowdog snowflak snowflake snowman snuffy
snuggle snuggles snyder sobaka soccer social socrates sodapop sofiya softail softball softtail software sojdlg123aljg
sokolov sokolova solace solaris soldat soldier soleda soledad soleil solitude solnce solnishko solomon solution
somebody someday someone somerset somethin something sometime sommer sonata songbird songoku sonic sonics sonntag
sonny sonoma sonora sonyericsson sonyfuck sonysony sonyvaio sooner sooners sophi sophia sophie soprano sopranos sorrow
sosiska soso123aljg soulfly soulmate sound sounds source southern southpar southpark southpaw southside soviet sowhat
space spaceman spades spalding spamspam spaniel spanish spank spanker spanking spankme spanky spanner sparhawk sparkey
sparkle sparkles sparks sparky sparrow sparta spartak spartan spartans sparty spawn speaker speakers spears special
specialk spectre spectrum speed speedo speedway speedy spence spencer sperma sphinx spice spider spiderma spiderman
spiders spidey spiffy spike spiker spikes spikey spinner spiral spirit spitfire splash splatter spleen splendid spliff
splinter spock spoiled sponge spongebo spongebob spooge spooky spoon spooner spoons sport sporting sports sporty
spotty spread spring springer springs sprint sprinter sprite sprocket sprout spunky spurs sputnik spyder sqdwfe squall
square squash squeak squeeze squerting squire squirrel squirt squirts srinivas stacey stacie stacy stafford staind
stalin stalker stallion stamford standard standby stands stanford stanislav stanley stanton staples star starbuck
starbucks starcraf starcraft stardust starfire starfish starfox stargate starligh starlight starlite starman stars
starship starstar start starter startrek starwar starwars stasik state states static station status stayout stealth
steam steaua steel steele steeler steelers stefan stefani stefania stefanie stefano steffen steffi steiner stella
stellar stepan steph stephan stephane stephani stephanie stephen stephens stereo sterlin sterling sterva stetson steve
steven stevens steveo stevie stewart stick stickman sticks sticky stiffy stigmata stiletto stimpy sting stinger
stingray stinker stinks stinky stirling stitch stocking stocks stockton stokes stolen stone stonecol stonecold stoned
stoner stones stonewal stoney stooge stooges stopit stoppedby storage store stories storm storms stormy storys
straight strange stranger stratfor strato stratus strawber strawberry streak stream streaming street streets strelok
strength stress stretch strider strife strike striker string strip stripe striper stripes stripper stroke stroker
strong stryker stuart stubby student studio studly studman stuff stumpy stunner stupid styles stylus subaru sublime
submarin submit suburban subway subzero succes success suck suckcock suckdick sucked sucker suckers sucking suckit
suckme suckmydick sucks sugar sugars suicide sukebe sullivan sultan summer summers summertime summit sunbeam sunbird
sundance sunday sunderla sundevil sundown sunfire sunflowe sunflower sunkist sunlight sunny sunnyday sunrise sunset
sunshin sunshine suntzu super superb superbow superfly superior superma superman supernatural supernov supernova
supers supersonic supersta superstar supply support supreme surfer surfing surfsup surgeon surgery surprise survey
surveyor survival survivor susan susana susanna susanne susieq suslik sutton suzanne suzuki sverige sveta svetik
svetlana svoboda swallow swampy swanson swatch sweden swedish sweeney sweeps sweet sweetass sweetheart sweetie
sweetnes sweetness sweetpea sweets sweety swifty swimmer swimming swinger swingers swinging switch swoosh sword
swordfis swordfish swords sydney sylveste sylvia sylvie syncmaster synergy syracuse sysadmin system systems syzygy
tabasco tabatha tabitha tacobell tacoma tadpole taekwondo tahiti taichi tailgate taipan taiwan takamine talbot talgat
talisman talon tamara tamerlan tammie tammy tampabay tanaka tanechka tangerin tango tanker tanner tantra tanya tarakan
tardis target tarheel tarheels tarpon tarzan tasha tasty tatarin tatiana tatjana tattoo tatyana taurus taxman taylor
tazman tazmania tbone tdutybq tdutybz teacher teamwork teapot teaser technics techniques techno tecumseh teddy
teddybea teddybear teen teenage teens teensex tekken telecom telefon telephon telephone teller temp123 tempest templar
temple temporary temppass temptress tenchi tender tenerife tennesse tennis tequier tequiero tequila terefon teresa
terminal terminat terminator termite terran terrance terrapin terrell terrence terrible terrier terriers terror terry
tessie test tester testibil testing testpass testtest tetris tetsuo teufel texaco texans texas texass thailand thalia
thanatos thanks thankyou thanos thatsme theater theatre thebear thebeast thebest theboss theboys thecat theclash
thecrow thecure thedog thedon thedoors thedude theduke theedge theend theforce thegame thegreat thekid theking thelma
theman theodore theone therapy theresa therock thesaint theshit thesims thething thetruth thewall thewho thierry
thighs thing things thinking thirteen thirty thisisit thistle thoma thomas thompson thomson thong thongs thought
thrasher thrawn three threesom thriller throat thrust thuglife thumbnils thumbs thumper thunder thunderb thursday
thx1138 tiamat tiberian tiberius tiburon ticket tickle tickler tickling ticklish ticktock tictac tiffan tiffany tiger
tigercat tigers tigger tight tights timber time timelord timeout timmy timosha timothy tina tinker tinkerbe tinkerbell
tinman tintin tipper tiptop titan titanic titanium titans titfuck titleist titman tits titten titties titty tittys
tkbpfdtnf tkfkdg toaster toasty tobacco tobias tobydog today toejam toffee together toilet tokiohotel toledo tolkien
tomahawk tomate tomato tomboy tomcat tommie tommy tommyboy tomorrow tomservo tomtom tongue tonight tony tonyhawk
tonytony toocool toohot toolbox toolman tooltime toomuch toonarmy toonces tootie tootsie topcat topdog topgun tophat
topher topolino topper topsecre topsecret topspin toriamos torino tornado toronto torpedo torque torrent torres
tortoise tortuga torture toshiba tosser totoro tottenha tottenham touching toulouse towers toyota tracer tracey
tracker tracks tractor tracy trader traffic trailer trailers train trainer training trains traktor tralala trample
trance tranny transam transexual transfer transit translator trapper trauma travel traveler travis treasure treble
trebor treefrog treetop treetree trekker trenton trevor trfnthbyf trial triangle tribal tribble tricia tricks tricky
trident trigger trigun trinidad trinitro trinitron trinity triple tripleh triplets triplex tripod tripper trisha
trista tristan triton triumph trivia trixie trojan trojans trombone trooper tropical trotter trouble troubles trousers
trout truck trucker trucking trucks trueblue truelove truffles truman trumpet trunks trust trustme trustno tryagain
tsunami tucker tucson tuesday tugboat tujhrf tulane tulips tunafish tundra tuning tunnel turbo turbos turkey turner
turnip turtle turtles tuxedo tweety twelve twenty twiggy twilight twinkie twinkle twins twisted twister twostep tycoon
tyler tylers typhoon tyrant tyrone tyson udacha ufhvjybz ufkbyf uhbujhbq ukraine ulrich ulrike ultima ultimate ultra
ulysses umbrella umpire unbelievable uncencored undead underdog underground undertak undertaker undertow underwear
unicorn unique united universa universal universe universi university unknown unlock unreal uptown upyours uranus
urlaub ursitesux ursula usa123 usarmy useradmin username usmarine usnavy usuckballz1 utahjazz utjhubq utopia uzumymw
vacation vader vadim vagabond vagina valdez valencia valentin valentina valentine valentino valera valeri valeria
valerie valeriya valery valhalla valiant valkommen valkyrie valley valleywa vampir vampire vampires vancouve vancouver
vandal vaness vanessa vangogh vanguard vanhalen vanilla vanity vantage vargas varvara vaseline vasilisa vasiliy
vaughan vaughn vauxhall vbhevbh vbienrf vbifyz vbkfirf vector vectra vedder vegas vegeta vegitta vegitto vehpbr
velocity velvet vendetta vendredi venera venice ventura venture venus vepsrf verano verbatim verena veritas verizon
vermont vernon verona veronic veronica veronika versace vertigo verygood veteran vette vfcnth vfczyz vfhbirf vfhbyf
vfhbyjxrf vfhecz vfhnsirf vfhufhbnf vfhujif vfibyf vfitymrf vfkbyf vfksirf vflfufcrfh vfnbkmlf vfndtq vfntvfnbrf
vfpfafrf vfrcbv vfrcbvrf vfvekz vfvfgfgf vfvjxrf vfylfhby vh5150 viagra vibrate vicious vickie victor victori victoria
victory video videoes videos vienna viernes vietnam viewsoni viewsonic viking vikings viktor viktoria viktoriya
village vincent vincenzo vineyard vinnie vintage violator violet violetta violin viper vipergts vipers virago virgil
virgin virgini virginia virginie virtual vishnu vision visited visitor visual vitalik vitamin vivaldi vivian vivitron
vjcrdf vjkjrj vjqgfhjkm vkontakte vladik vladimir vladislav vodafone voland volcano volcom volkodav volkov volkova
volkswag volkswagen volley volleyba volleyball voltron volume volvo voodoo vorlon vorona vortex voyager voyeur
vqsablpzla vsegda vsjasnel12 vtldtlm vulcan wachtwoord waffenss waffle waffles wagner waiting wakeup walker walking
wallace wallet walleye wally walmart walnut walrus walter walton wanderer wanker wanking wannabe wanrltw wanted
wapapapa wapbbs warcraft wareagle warhamme warhammer warlock warlord warner warning warren warrior warriors warsaw
warthog warwick wasabi washburn washer washingt washington wasser wassup wasted watch watcher watching water waterboy
waterfal waterloo waterman watermelon waterpolo waters waterski watford watson wayne wazzup wdtnjr wdtnjxtr wealth
weapon wearing weasel weather weaver webber webcam webhompas webmaste webmaster website websolutions webster wedding
wednesda wednesday weed weekend weenie weezer weiner weird welcom welcome welder welkom weller wellhung wellingt
wendell wendy werder werdna werewolf werner werter wesley western westham weston westside westwood wetpussy wetter
wg8e3wjf whales whateve whatever whatsup whatthe whatup whatwhat wheeler wheels whiplash whiskers whiskey whisky
whisper whistler white whiteboy whiteout whites whitesox whitey whitney whocares whoknows whore whores whynot wibble
wiccan wicked wicket widget wifey wiggle wiggles wilbur wildbill wildcard wildcat wildcats wilder wildfire wildlife
wildman wildone wildwood wilhelm willard willem willia william williams willie willis willkommen willow willy wilmer
wilson winchest windmill window windows windsor windsurf winfield wingchun winger wingman wingnut wings wingzero
winner winners winnie winona winston winter winters wireless wisdom wiseguy wishbone wishes wizard wizards wizzard
wolf wolfen wolfgang wolfie wolfman wolfpac wolfpack wolverin wolverine wolves wolvie woman womans wombat womble women
wonder wonderboy wonderfu wonderful wooden woodie woodland woodman woodrow woodside woodstoc woodstock woodwork woody
woofer woofwoof woohoo wookie wordpass wordup worker working workout world worldcup worlds wormix worship worthy
wraith wrangler wrench wrestle wrestler wrestlin wrestling wright wrigley wrinkle1 wrinkles writer written wsxedc
wsxzaq wutang wxcvbn wyoming wyvern xanadu xander xantia xavier xbox360 xerxes xfiles xiang xiong xrated xtreme xxx123
xxxpass xxxzzz xyz123 yahweh yamaha yamato yankee yankees yaroslav yasmin ybrbnf ybrbnjc ybrjkfq yeahbaby yeahyeah
yellow yeshua yessir yesterda yfcntyf yfcntymrf yfnfif yfnfirf yfnfitymrf yfnfkb yfnfkmz yinyang yitbos yjdsqgfhjkm
yngwie yogibear yolanda yomama yorkie yorktown yosemite youandme youknow young yourmama yourmom yousuck youtube yoyoma
ytngfhjkz yugioh yuliya yummy yvette yvonne yzerman z1x2c3 z1x2c3v4 zachary zalupa zander zanzibar zapata zaphod zappa
zapper zaq123 zaq12wsx zaq1xsw2 zaqwsx zaqwsxcde zaqxsw zaqxswcde zaraza zardoz zarina zasada zaxscd zealots zebras
zenith zephyr zeppelin zerocool zerozero zhang zheng zhjckfd zhong zhuai zhuang zidane ziggy zigzag zildjian zimbabwe
zimmer zinger zipper zippy zodiac zoloto zolushka zombie zomer zoomer zoomzoom zooropa zorro zurich zvezda zxasqw
zxc123 zxcasd zxcasdqwe zxccxz zxcv1234 zxcvasdf zxcvbn zxcvbnm zxcvvcxz zyjxrf zzxxcc zzzxxx
`;
